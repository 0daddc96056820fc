'use client'
import { CloudOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../ui/button.tsx'

/** A connection that comes back sooner than this was not worth a word. */
const hiccupMs = 1000

/** Says that the server cannot be heard, what becomes of the work meanwhile, and what happens next. */
export function ConnectionNotice({ lost, meanwhile, onRetry }: { lost: boolean; meanwhile: string; onRetry(): void }) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (!lost) return setShown(false)
    const timer = setTimeout(() => setShown(true), hiccupMs)
    return () => clearTimeout(timer)
  }, [lost])
  if (!shown) return null
  return (
    <div
      role="status"
      data-testid="connection"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-limit/25 border-b bg-limit-wash px-4 py-2 text-sm"
    >
      <CloudOff className="size-4 shrink-0 text-limit" aria-hidden />
      <p className="min-w-0 flex-1 basis-60 break-words text-ink-soft">
        <strong className="font-medium text-ink">No connection to the server.</strong> {meanwhile}
      </p>
      <Button look="plain" size="small" onClick={onRetry}>
        Try now
      </Button>
    </div>
  )
}

/** What a person wants to know while it lasts. */
export const meanwhileOf = {
  idle: 'Go on writing: your draft is kept in this browser. Programs run again once the connection is back.',
  running: 'The program goes on there, and what it writes is kept: the rest follows once the connection is back.',
} as const
