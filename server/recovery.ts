import type { Logger } from 'pino'
import type { Store } from './store.ts'
import { unforeseenEnding } from './unforeseen-ending.ts'

/**
 * Closes the runs a server left open when it died: each gets `finished` with the verdict `interrupted` after its last kept
 * event, and keeps its output. Resolves with how many there were; one that cannot be closed is logged and tried again at the next start.
 */
export async function closeInterrupted(
  store: Store,
  isAlive: (instance: string) => Promise<boolean>,
  log: Pick<Logger, 'error'>,
): Promise<number> {
  let closed = 0
  for (const { runId } of await store.findInterrupted(isAlive)) {
    try {
      const events = await store.readEvents(runId, -1)
      const seq = (events.at(-1)?.seq ?? -1) + 1
      // Two servers that start together append the same event under the same number, and storing one twice changes nothing.
      await store.appendEvents(runId, [{ ...unforeseenEnding(events, { kind: 'interrupted' }), seq }])
      closed += 1
    } catch (err) {
      log.error({ err, run_id: runId }, 'A run that was interrupted could not be closed')
    }
  }
  return closed
}
