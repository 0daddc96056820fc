import type { RunEvent, UnnumberedEvent, Verdict } from '../protocol/run.ts'

/**
 * The last event of a run nobody saw end: the sandbox's stream broke, or the server that ran it died. It says what the
 * events so far prove and nothing more: usage was only ever known at the end, so it is 0.
 */
export function unforeseenEnding(
  events: readonly RunEvent[],
  verdict: Verdict,
  at = events.at(-1)?.at ?? 0,
): UnnumberedEvent & { type: 'finished' } {
  const started = events.find((event) => event.type === 'started')
  const written = (stream: 'stdout' | 'stderr') =>
    events.reduce(
      (sum, event) =>
        event.type === 'output' && event.stage === 'run' && event.stream === stream ? sum + Buffer.byteLength(event.text) : sum,
      0,
    )
  return {
    type: 'finished',
    at,
    verdict,
    exit_code: null,
    signal: null,
    oom: false,
    usage: { cpu_ms: 0, memory_peak_bytes: 0 },
    duration_ms: started ? at - started.at : 0,
    stdout_bytes: written('stdout'),
    stderr_bytes: written('stderr'),
    truncated: { stdout: false, stderr: false },
  }
}
