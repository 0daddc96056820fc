import type { RunId } from '../../protocol/ids.ts'
import type { Verdict } from '../../protocol/run.ts'
import { unforeseenEnding } from '../unforeseen-ending.ts'
import type { Appended, SharedRuns } from './shared-runs.ts'

/**
 * Ends a run in the place of whoever has it (`worker`; '' while nobody does), after what it has said so far. 'ok' when this ending stands;
 * 'ended' or 'fenced' when the run has ended, or changed hands, meanwhile.
 */
export async function endRun(shared: SharedRuns, runId: RunId, worker: string, verdict: Verdict): Promise<Appended> {
  for (;;) {
    const events = await shared.events(runId, -1)
    // Of a run that never started nothing tells the time but how long it has been there.
    const at = events.at(-1)?.at ?? (await shared.ageMs(runId))
    const appended = await shared.endFor(runId, worker, { ...unforeseenEnding(events, verdict, at), seq: events.length })
    // Something was said in between.
    if (appended !== 'gap') return appended
  }
}
