import { z } from 'zod'

/** One test, as a report names it. */
export const TestName = z
  .strictObject({
    name: z.string().max(500),
    /** What it belongs to, outermost first: a file, a class, a describe block. */
    suite: z.array(z.string().max(500)).max(20),
  })
  .meta({ id: 'TestName' })
export type TestName = z.infer<typeof TestName>

export const TestResult = z
  .strictObject({
    name: z.string(),
    suite: z.array(z.string()),
    /** `error`: it did not get as far as its own assertions. */
    outcome: z.enum(['passed', 'failed', 'skipped', 'error']),
    /** Why it did not pass, in the framework's words. */
    message: z.string().optional(),
    duration_ms: z.number().min(0).optional(),
    file: z.string().optional(),
    line: z.number().int().min(1).optional(),
    /** Where the framework tells them apart. */
    expected: z.string().optional(),
    actual: z.string().optional(),
  })
  .meta({ id: 'TestResult' })
export type TestResult = z.infer<typeof TestResult>

/** What a test framework's own machine-readable report says. */
export const TestReport = z
  .strictObject({ framework: z.string(), tests: z.array(TestResult), /** More than are listed ran. */ truncated: z.boolean() })
  .meta({ id: 'TestReport' })
export type TestReport = z.infer<typeof TestReport>
