import { useCallback, useEffect, useRef, useState } from 'react'
import type { Draft } from './drafts.ts'
import { addVersion, pastOf, type Reason, type Version, versionsOf } from './versions.ts'

/** Somebody who stops for this long has probably written something worth coming back to. */
const pauseMs = 15_000

/** Keeps versions of a draft as it changes, and knows those there were when the page was opened. */
export function useVersions(tab: string | null, language: string | null, draft: Draft | null) {
  const [before, setBefore] = useState<{ language: string; versions: readonly Version[] } | null>(null)
  const first = useRef<Draft | null>(null)

  useEffect(() => {
    if (!language) return
    let gone = false
    first.current = null
    const take = (versions: readonly Version[]) => {
      if (gone) return
      gone = true
      setBefore({ language, versions })
    }
    void versionsOf(language).then(take)
    // The editor waits for this, and must not wait for ever.
    const timer = setTimeout(() => take([]), 1_000)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [language])

  const keep = useCallback(
    (of: Draft, reason: Reason) => {
      if (tab && language) void addVersion(tab, language, of, reason)
    },
    [tab, language],
  )

  useEffect(() => {
    if (!draft) return
    // What is there when the page opens is no change.
    first.current ??= draft
    if (draft.files === first.current.files) return
    const timer = setTimeout(() => keep(draft, 'edit'), pauseMs)
    return () => clearTimeout(timer)
  }, [draft, keep])

  const ready = before !== null && before.language === language
  const past = useCallback(
    (path: string, now: string): readonly string[] => (tab && ready && before ? pastOf(before.versions, tab, path, now) : []),
    [tab, before, ready],
  )
  return { keep, past, ready }
}
