import { AppError } from '../protocol/errors.ts'
import type { RunEvent } from '../protocol/run.ts'
import { batchesOf } from './event-batches.ts'

/** How long a browser waits before it connects again. */
const retryMs = 1000
/** Proxies close what is silent for a minute; a comment keeps the line open and finds readers that are gone. */
const heartbeatMs = 15_000

/**
 * Run events as server-sent events: `id` is the event's number, `data` its JSON, on one line. It asks for more only when
 * the reader has taken what it got, so a slow reader costs a position in the log and what was read from it last.
 * `stop` is called once the reader has left, the last event is out, or reading failed; the reader then comes back by itself.
 */
export function eventStream(batches: AsyncIterable<RunEvent[]>, stop: () => void): ReadableStream<Uint8Array> {
  const pieces = piecesOf(batches)
  const encoder = new TextEncoder()
  let next: Promise<IteratorResult<string>> | undefined
  let left = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Kept across heartbeats: what the log promised is not asked for twice.
        next ??= pieces.next()
        try {
          const piece = await withDeadline(next, heartbeatMs)
          if (left) return
          if (piece === 'late') return controller.enqueue(encoder.encode(': waiting\n\n'))
          next = undefined
          if (!piece.done) return controller.enqueue(encoder.encode(piece.value))
          controller.close()
          stop()
        } catch (error) {
          stop()
          // A reader that has left hears nothing any more.
          if (!left) throw error
        }
      },
      cancel() {
        left = true
        stop()
      },
    },
    { highWaterMark: 0 },
  )
}

async function* piecesOf(batches: AsyncIterable<RunEvent[]>): AsyncGenerator<string> {
  yield `retry: ${retryMs}\n\n`
  for await (const events of batches) {
    for (const batch of batchesOf(events)) {
      yield batch.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`).join('')
    }
  }
}

async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late')
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** The last event a reader has seen, from the header a reconnecting browser sends or from the address; -1 for none. */
export function positionAsked(lastEventId: string | null, after: number | undefined): number {
  // The header is newer: a browser reconnects to the address it first had.
  if (lastEventId === null || lastEventId === '') return after ?? -1
  if (/^\d{1,9}$/.test(lastEventId)) return Number(lastEventId)
  throw new AppError('invalid', 'The stream cannot be resumed there.', {
    issues: [{ path: 'Last-Event-ID', message: 'Send the `id` of the last event you have, or leave the header out.' }],
  })
}
