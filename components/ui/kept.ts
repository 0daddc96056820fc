import { useCallback, useSyncExternalStore } from 'react'

// Small choices a browser keeps for the page: sizes, layout, key bindings. It may keep nothing (private windows, full disks), which
// for things like these is not worth a word.

const listeners = new Set<() => void>()

export function kept(key: string): string | null {
  if (typeof localStorage === 'undefined') return null // On the server.
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {}
  for (const tell of listeners) tell()
}

function listen(tell: () => void): () => void {
  listeners.add(tell)
  // What another tab chose.
  addEventListener('storage', tell)
  return () => {
    listeners.delete(tell)
    removeEventListener('storage', tell)
  }
}

/** One of a few choices, kept in this browser and the same in all its tabs. The first one until somebody chooses. */
export function useChoice<const Choice extends string>(key: string, choices: readonly [Choice, ...Choice[]]) {
  const value = useSyncExternalStore(
    listen,
    () => {
      const value = kept(key)
      return choices.find((choice) => choice === value) ?? choices[0]
    },
    () => choices[0],
  )
  const choose = useCallback((choice: Choice) => keep(key, choice), [key])
  return [value, choose] as const
}
