import type { RunId } from '../protocol/ids.ts'
import type { Run, RunSummary, Status } from '../protocol/run.ts'
import { outputOf, type Transcript } from '../protocol/transcript.ts'
import { messageOf, statusOf } from '../protocol/words.ts'
import type { StoredRun, StoredRunSummary } from './store.ts'

/** What the server knows beside the record and the events: whether the language compiles, and the address people use. */
export type ViewFacts = { compiles: boolean; publicUrl: string }

/** A run as the API shows it, from what was asked and what has happened so far. */
export function runView(run: StoredRun, transcript: Transcript, { compiles, publicUrl }: ViewFacts): Run {
  const { ending, startedAt } = transcript
  const stdout = outputOf(transcript, 'run', 'stdout')
  // A caller that reads nothing but stdout and stderr should still learn why a program that does not compile did nothing.
  const stderr = outputOf(transcript, ending?.verdict.kind === 'compile-failed' ? 'compile' : 'run', 'stderr')
  const status = ending ? statusOf(ending.verdict) : startedAt === null ? 'queued' : 'running'
  const momentAfter = (ms: number): string => new Date(run.createdAt.getTime() + ms).toISOString()
  return {
    run_id: run.runId,
    language: run.language,
    version: run.version,
    mode: run.mode,
    status,
    verdict: ending?.verdict ?? null,
    message: ending ? messageOf(ending, run.limits) : unfinishedMessage(status),
    stdout,
    stderr,
    ...(compiles ? { compile_output: outputOf(transcript, 'compile') } : {}),
    stdout_bytes: ending?.stdout_bytes ?? Buffer.byteLength(stdout),
    stderr_bytes: ending?.stderr_bytes ?? Buffer.byteLength(stderr),
    truncated: ending?.truncated ?? { stdout: false, stderr: false },
    exit_code: ending?.exit_code ?? null,
    signal: ending?.signal ?? null,
    oom: ending?.oom ?? false,
    image: run.image,
    image_digest: run.imageDigest,
    limits: run.limits,
    usage: ending?.usage ?? null,
    limit: ending?.limit ?? null,
    diagnostics: ending?.diagnostics ?? [],
    stacks: ending?.stacks ?? [],
    tests: ending?.tests ?? null,
    only: run.only,
    artifacts: transcript.artifacts.map(({ path, media_type, bytes }) => ({
      path,
      media_type,
      bytes,
      url: artifactUrl(run.runId, path, publicUrl),
    })),
    notes: ending?.notes ?? [],
    flags: run.flags,
    tty: run.tty,
    queued_ms: startedAt === null ? null : Math.round(startedAt * 1000) / 1000,
    duration_ms: ending?.duration_ms ?? null,
    created_at: run.createdAt.toISOString(),
    started_at: startedAt === null ? null : momentAfter(startedAt),
    // The last event's time, not the moment a row was written: all times of a run are of one clock.
    completed_at: ending ? momentAfter(transcript.at) : null,
    files: run.files,
    entry: run.entry,
    stdin: run.stdin,
    args: run.args,
    url: urlOf(run.runId, publicUrl),
    name: run.name,
  }
}

/** A history line. `live` tells the two states apart that only the server running it knows. */
export function summaryView(run: StoredRunSummary, live: 'queued' | 'running', publicUrl: string): RunSummary {
  const status = run.ending ? statusOf(run.ending.verdict) : live
  return {
    run_id: run.runId,
    language: run.language,
    version: run.version,
    status,
    verdict: run.ending?.verdict ?? null,
    message: run.ending ? messageOf(run.ending, run.limits) : unfinishedMessage(status),
    duration_ms: run.ending?.duration_ms ?? null,
    created_at: run.createdAt.toISOString(),
    url: urlOf(run.runId, publicUrl),
    name: run.name,
    pinned: run.pinned,
    excerpt: run.excerpt,
  }
}

const unfinishedMessage = (status: Status): string => (status === 'queued' ? 'Waiting for a sandbox' : 'Running')

export const urlOf = (runId: RunId, publicUrl: string): string => `${publicUrl}/r/${runId}`

/** Each part of the path is escaped, so that a file may be called anything. */
const artifactUrl = (runId: RunId, path: string, publicUrl: string): string =>
  `${publicUrl}/api/runs/${runId}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`
