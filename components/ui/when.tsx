'use client'
import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** A moment: in the server's rendering as UTC, in the browser in the reader's own time and language. */
export function When({ iso, className }: { iso: string; className?: string }) {
  const utc = `${iso.slice(0, 16).replace('T', ' ')} UTC`
  const text = useSyncExternalStore(
    never,
    () => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso)),
    () => utc,
  )
  return (
    <time dateTime={iso} title={utc} className={className}>
      {text}
    </time>
  )
}
