'use client'
import '../jitless.ts'
import { TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'

const askAgainMs = 5000

/** Says when no program can be run, why, and what to do; and goes away by itself when it can. */
export function EngineBanner({ problem, suspect }: { problem: string | null; suspect: boolean }) {
  const [message, setMessage] = useState(problem)
  const watching = message !== null || suspect

  useEffect(() => {
    if (!watching) return
    const leaving = new AbortController()
    async function ask() {
      if (document.visibilityState === 'hidden') return
      try {
        const health = await createApiClient()('health', { signal: leaving.signal })
        const wrong = [health.database, health.engine].find((part) => !part.ok)
        setMessage(wrong?.message ?? null)
      } catch {
        if (!leaving.signal.aborted) setMessage('The server cannot be reached. This page tries again by itself.')
      }
    }
    void ask()
    const timer = setInterval(ask, askAgainMs)
    return () => {
      leaving.abort()
      clearInterval(timer)
    }
  }, [watching])

  if (message === null) return null
  return (
    <div
      role="alert"
      className="flex items-start gap-2.5 border-limit/25 border-b bg-limit-wash px-4 py-2.5 text-sm"
      data-testid="banner"
    >
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-limit" aria-hidden />
      <p className="min-w-0 break-words text-ink-soft">
        <strong className="font-medium text-ink">Programs cannot be run right now.</strong> {message}
      </p>
    </div>
  )
}
