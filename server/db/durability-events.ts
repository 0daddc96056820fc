import type { RunId } from '../../protocol/ids.ts'
import type { RunEvent } from '../../protocol/run.ts'
import { sampleEvents } from '../sample-run.ts'

/** For tests that kill: the events of a run, told by its id alone, so that a reader knows what a killed writer wrote. */
export function eventsOf(runId: RunId): RunEvent[] {
  const kind = runId.charCodeAt(0)
  return sampleEvents(Array.from({ length: 1 + (kind % 12) }, (_, n) => `${runId} ${n}\0\ud800 `.repeat(1 + kind * (n % 3))))
}
