import { useCallback, useEffect, useRef, useState } from 'react'
import type { Drafts } from './drafts.ts'
import { openTab, type Tab } from './tab.ts'

const saveAfterMs = 300

/**
 * The drafts of this tab, null until they are read. They are written a moment after the last change, and at once when the page
 * is left. `onUnkept` is told once when the browser does not take them.
 */
export function useDrafts(onUnkept: () => void) {
  const [drafts, setDrafts] = useState<Drafts | null>(null)
  const [tab, setTab] = useState<Tab | null>(null)
  const unsaved = useRef<Drafts | null>(null)
  const told = useRef(false)

  const save = useCallback(() => {
    if (!unsaved.current || !tab) return
    try {
      tab.save(unsaved.current)
    } catch {
      if (!told.current) onUnkept()
      told.current = true
    }
    unsaved.current = null
  }, [tab, onUnkept])

  useEffect(() => {
    let gone = false
    void openTab(storage()).then((opened) => {
      if (gone) return
      setTab(opened)
      setDrafts(opened.drafts)
    })
    return () => {
      gone = true
    }
  }, [])

  useEffect(() => {
    addEventListener('pagehide', save)
    return () => {
      removeEventListener('pagehide', save)
      save()
    }
  }, [save])

  // Counted from the first change, not from the last: somebody who types without a pause is written down all the same, and a browser
  // that crashes takes no more than the last moment with it.
  const latest = useRef(save)
  useEffect(() => {
    latest.current = save
  })
  const pending = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(() => {
    if (!unsaved.current || unsaved.current !== drafts) return
    pending.current ??= setTimeout(() => {
      pending.current = null
      latest.current()
    }, saveAfterMs)
  }, [drafts])

  const change = useCallback((to: (drafts: Drafts) => Drafts) => {
    setDrafts((before) => {
      if (!before) return before
      unsaved.current = to(before)
      return unsaved.current
    })
  }, [])
  return [drafts, change, tab?.id ?? null] as const
}

function storage(): Storage | null {
  try {
    return localStorage
  } catch {
    return null // A browser that keeps nothing starts with nothing.
  }
}
