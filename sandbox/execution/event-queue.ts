/**
 * Events on their way from callbacks to one reader. Unbounded by itself: what is pushed is bounded by the limits of a run.
 * A reader that leaves the loop before the end is told to `onAbandoned`.
 */
export function createEventQueue<T>(onAbandoned: () => void) {
  const waiting: T[] = []
  let ended = false
  let wake: (() => void) | undefined

  async function* read(): AsyncGenerator<T, void> {
    let complete = false
    try {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift() as T
        if (ended) break
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        wake = undefined
      }
      complete = true
    } finally {
      if (!complete) onAbandoned()
    }
  }

  return {
    push(event: T): void {
      if (ended) return
      waiting.push(event)
      wake?.()
    },
    end(): void {
      ended = true
      wake?.()
    },
    [Symbol.asyncIterator]: read,
  }
}
