/** Wakes everyone who sleeps now; those who go to sleep again while this runs are not meant. */
export function wake(sleepers: Set<() => void>): void {
  const now = [...sleepers]
  sleepers.clear()
  for (const getUp of now) getUp()
}

/** One reader's sleep: until woken, until `ms` have passed, or until `signal` aborts; one listener for all of its naps. */
export function sleeper(signal: AbortSignal | undefined) {
  let getUp = () => {}
  const onAbort = () => getUp()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    until(sleepers: Set<() => void>, ms?: number): Promise<void> {
      if (signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(() => getUp(), ms)
        const wakeUp = () => {
          clearTimeout(timer)
          sleepers.delete(wakeUp)
          resolve()
        }
        getUp = wakeUp
        sleepers.add(wakeUp)
      })
    },
    end(): void {
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
