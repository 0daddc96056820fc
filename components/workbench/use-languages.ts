import '../jitless.ts'
import { useEffect, useState } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'
import type { Language } from '../../protocol/language.ts'
import { isComplete } from './readiness.ts'

const askAgainMs = 3000

/** The languages as the page was given them, and while something of them is not ready, as they are by now. */
export function useLanguages(given: readonly Language[]): readonly Language[] {
  const [languages, setLanguages] = useState(given)
  const complete = isComplete(languages)

  useEffect(() => {
    if (complete) return
    const leaving = new AbortController()
    async function ask() {
      if (document.visibilityState === 'hidden') return
      try {
        const answer = await createApiClient()('listLanguages', { signal: leaving.signal })
        // The same list stays the same object, so that nothing on the page is drawn again for it.
        setLanguages((before) => (JSON.stringify(before) === JSON.stringify(answer.languages) ? before : answer.languages))
      } catch {
        // That the server cannot be reached is told by the banner, and by every run; here the next answer will do.
      }
    }
    const timer = setInterval(ask, askAgainMs)
    return () => {
      leaving.abort()
      clearInterval(timer)
    }
  }, [complete])

  return languages
}
