'use client'
import { useEffect, useState } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'

/** Most runs wait for moments only; the notice is shown late for the same reason. */
const askFirstMs = 250
const askAgainMs = 2000

/** Of a run that waits for a sandbox: why, and how many wait. */
export function QueueNotice() {
  const [queued, setQueued] = useState<number | null>(null)
  useEffect(() => {
    const leaving = new AbortController()
    async function ask() {
      try {
        const { sandboxes } = await createApiClient()('health', { signal: leaving.signal })
        setQueued(sandboxes.queued)
      } catch {
        // It only says how long the queue is; whether the server can be reached is said elsewhere.
        if (!leaving.signal.aborted) setQueued(null)
      }
    }
    let timer = setTimeout(function again() {
      void ask()
      timer = setTimeout(again, askAgainMs)
    }, askFirstMs)
    return () => {
      leaving.abort()
      clearTimeout(timer)
    }
  }, [])
  return (
    <div className="animate-late px-4 font-sans text-sm" data-testid="queued">
      <p className="font-medium text-ink-soft">All sandboxes are busy</p>
      <p className="mt-1 max-w-96 text-ink-faint">
        {wordsFor(queued)} It starts by itself as soon as there is room; Stop takes it out of the queue.
      </p>
    </div>
  )
}

/** The queue is fair to people, not to runs: a number in it would promise too much. */
export function wordsFor(queued: number | null): string {
  if (queued === null || queued === 0) return 'Your run is next.'
  return queued === 1 ? 'Your run is the only one that waits.' : `${queued} runs are waiting, yours among them.`
}
