import { z } from 'zod'
import type { TestResult } from '../../protocol/test-report.ts'
import { jsonLines } from './json-lines.ts'

/** Rust's test harness with `--format json`: one event a line. */
const Event = z.object({
  type: z.string(),
  event: z.string(),
  name: z.string().optional(),
  stdout: z.string().optional(),
  message: z.string().optional(),
  reason: z.string().optional(),
  /** Seconds. */
  exec_time: z.number().optional(),
})
const outcomes: Readonly<Record<string, TestResult['outcome']>> = {
  ok: 'passed',
  failed: 'failed',
  ignored: 'skipped',
  allowed_failure: 'skipped',
  timeout: 'error',
}

export function libtestJson(text: string): TestResult[] | null {
  const tests = new Map<string, TestResult>()
  let events = 0
  for (const { type, event, name, stdout, message, reason, exec_time: seconds } of jsonLines(text, Event)) {
    events++
    if (type !== 'test' || name === undefined) continue
    const outcome = Object.hasOwn(outcomes, event) ? outcomes[event]! : 'error'
    const path = name.split('::')
    const told = outcome === 'passed' ? undefined : [message ?? reason, stdout].filter((part) => part).join('\n')
    const place = told ? /panicked at (?:'[^'\n]*', )?([^\s:]+):(\d+):\d+/.exec(told) : null
    // A test that began and never ended took the process with it.
    tests.set(name, {
      name: path.at(-1)!,
      suite: path.slice(0, -1),
      outcome,
      ...(told ? { message: told } : event === 'started' ? { message: 'The test did not end.' } : {}),
      ...(place ? { file: place[1]!, line: Number(place[2]) } : {}),
      ...(seconds === undefined ? {} : { duration_ms: seconds * 1000 }),
    })
  }
  return events > 0 ? [...tests.values()] : null
}
