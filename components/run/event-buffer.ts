import type { RunEvent } from '../../protocol/run.ts'

/** Runs what it is given before the next paint, or soon when nothing is painted. */
export type Scheduler = (task: () => void) => void

/** A program's start, its first output and its end come one after the other, and none of them should wait for a frame. */
const atOnce = 3

/**
 * Hands deliveries on: the first few after a pause at once, those that follow them together once per frame, so a flood costs one rendering
 * per frame however many messages it comes in. A delivery is acknowledged only after it was handed on: the server then sends no faster than
 * the page can show.
 */
export function createEventBuffer(hand: (events: RunEvent[]) => void, schedule: Scheduler) {
  let waiting: { events: readonly RunEvent[]; received: () => void }[] = []
  /** How many times something was handed on in this frame. */
  let handed = 0
  let closed = false

  function flush(): void {
    const deliveries = waiting
    waiting = []
    if (deliveries.length === 0 || closed) return
    if (handed++ === 0) schedule(endFrame)
    hand(deliveries.flatMap((delivery) => delivery.events))
    for (const delivery of deliveries) delivery.received()
  }

  function endFrame(): void {
    // A frame that takes what had to wait is full: the flood goes on.
    const full = waiting.length > 0
    handed = 0
    flush()
    if (full) handed = atOnce
  }

  return {
    add(events: readonly RunEvent[], received: () => void = () => {}): void {
      if (closed) return
      waiting.push({ events, received })
      if (handed < atOnce) flush()
    },
    close(): void {
      closed = true
      waiting = []
    },
  }
}

/** A page in the background is not painted, and its animation frames do not come. */
export const beforeNextPaint: Scheduler = (task) => {
  if (document.visibilityState === 'hidden') setTimeout(task, 0)
  else {
    let done = false
    const once = () => {
      if (!done) {
        done = true
        cancelAnimationFrame(frame)
        clearTimeout(timer)
        task()
      }
    }
    const frame = requestAnimationFrame(once)
    // The page may be put in the background while it waits for its frame.
    const timer = setTimeout(once, 250)
  }
}
