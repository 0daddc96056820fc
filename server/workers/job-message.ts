import { z } from 'zod'
import { RunId } from '../../protocol/ids.ts'
import { Limits } from '../../protocol/limits.ts'
import { Flags, Mode, TerminalSize } from '../../protocol/run.ts'
import { TestName } from '../../protocol/test-report.ts'
import type { Job } from '../../sandbox/executor.ts'
import type { Traceparent } from '../tracing/tracing.ts'

// A job as it lies in the queue: JSON, with bytes as base64.

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'))

const JobMessage = z.strictObject({
  run_id: RunId,
  /** Of the span under which its worker tells what it did, where anybody is told. */
  traceparent: z.string().optional(),
  job: z.strictObject({
    language: z.string(),
    version: z.string(),
    mode: z.union([Mode, z.literal('format')]),
    only: z.array(TestName),
    flags: Flags,
    tty: TerminalSize.nullable(),
    artifacts: z.array(z.string()),
    owner: z.string(),
    files: z.array(z.strictObject({ path: z.string(), content: bytes })),
    entry: z.string(),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    stdin: bytes,
    stdinOpen: z.boolean(),
    interactive: z.boolean().optional(),
    limits: Limits,
  }) satisfies z.ZodType<Job>,
})

export type JobMessage = z.input<typeof JobMessage>

const base64 = (content: Uint8Array): string =>
  Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64')

export const messageOf = (runId: RunId, job: Job, traceparent?: Traceparent): JobMessage => ({
  run_id: runId,
  ...(traceparent === undefined ? {} : { traceparent }),
  job: {
    ...job,
    only: [...job.only],
    artifacts: [...job.artifacts],
    args: [...job.args],
    env: { ...job.env },
    files: job.files.map(({ path, content }) => ({ path, content: base64(content) })),
    stdin: base64(job.stdin),
  },
})

/** Throws an error of zod's when somebody else writes to our queue. */
export function jobOf(message: unknown): { runId: RunId; job: Job; traceparent?: Traceparent | undefined } {
  const { run_id, job, traceparent } = JobMessage.parse(message)
  return { runId: run_id, job, traceparent }
}
