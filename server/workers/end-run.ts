import type { RunId } from '../../protocol/ids.ts'
import type { Verdict } from '../../protocol/run.ts'
import { endedRun } from '../metrics/ended-run.ts'
import { type Metrics, noMetrics } from '../metrics/metrics.ts'
import { unforeseenEnding } from '../unforeseen-ending.ts'
import type { Appended, SharedRuns } from './shared-runs.ts'

/**
 * Ends a run in the place of whoever has it (`worker`; '' while nobody does), after what it has said so far. 'ok' when this ending stands;
 * 'ended' or 'fenced' when the run has ended, or changed hands, meanwhile.
 */
export async function endRun(
  shared: SharedRuns,
  runId: RunId,
  worker: string,
  verdict: Verdict,
  metrics: Pick<Metrics, 'ended'> = noMetrics,
): Promise<Appended> {
  for (;;) {
    const [events, kind] = await Promise.all([shared.events(runId, -1), shared.kind(runId)])
    // Of a run that never started nothing tells the time but how long it has been there.
    const at = events.at(-1)?.at ?? (await shared.ageMs(runId))
    const ending = { ...unforeseenEnding(events, verdict, at), seq: events.length }
    const appended = await shared.endFor(runId, worker, ending)
    const ended = kind && appended === 'ok' ? endedRun(kind, [...events, ending], null) : null
    if (ended) metrics.ended(ended)
    // Something was said in between.
    if (appended !== 'gap') return appended
  }
}
