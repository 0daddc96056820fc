import type { RunEvent } from '../../protocol/run.ts'
import type { Acquired } from '../../sandbox/executor.ts'
import type { EndedRun, Kind } from './metrics.ts'

/** How a run went, by its events; null while it goes on. */
export function endedRun({ language, version }: Kind, events: readonly RunEvent[], acquired: Acquired | null): EndedRun | null {
  const last = events.at(-1)
  if (last?.type !== 'finished') return null
  const begun = events.find((event) => event.type === 'started')
  return {
    language,
    version,
    verdict: last.verdict.kind,
    waitedMs: begun?.at ?? null,
    durationMs: last.duration_ms,
    acquired,
  }
}
