'use client'
import { Hourglass } from 'lucide-react'

/** Says of the chosen version why it cannot be run yet. */
export function ReadinessNotice({ name, message }: { name: string; message: string }) {
  return (
    <div
      role="status"
      className="flex items-start gap-2.5 border-line border-b bg-sunken px-4 py-2.5 text-sm"
      data-testid="readiness"
    >
      <Hourglass className="mt-0.5 size-4 shrink-0 text-limit" aria-hidden />
      <p className="min-w-0 break-words text-ink-soft">
        <strong className="font-medium text-ink">{name} cannot be run yet.</strong> {message}
      </p>
    </div>
  )
}
