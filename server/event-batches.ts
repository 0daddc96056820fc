import type { RunEvent } from '../protocol/run.ts'

/** What is sent at once: enough that messages are few, little enough that a slow line shows something soon. */
const batchChars = 64 * 1024
/** What an event costs beside its text. */
const eventChars = 100

/** Cuts a long array of events into ones of about 64 KiB of text. An event is never cut: its own text is at most that long. */
export function* batchesOf(events: readonly RunEvent[], maxChars = batchChars): Generator<RunEvent[]> {
  let batch: RunEvent[] = []
  let chars = 0
  for (const event of events) {
    const size = eventChars + ('text' in event ? event.text.length : 0)
    if (batch.length > 0 && chars + size > maxChars) {
      yield batch
      batch = []
      chars = 0
    }
    batch.push(event)
    chars += size
  }
  if (batch.length > 0) yield batch
}
