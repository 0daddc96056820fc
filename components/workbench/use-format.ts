import { useCallback, useEffect, useRef, useState } from 'react'
import type { Language } from '../../protocol/language.ts'
import type { RunFile } from '../../protocol/run.ts'
import type { Place } from '../run/place.tsx'
import { useNotify } from '../ui/toasts.tsx'
import { formatterOf, placeIn } from './formatter.ts'

/** What takes no longer needs no sign that something is going on. */
const quietMs = 300

export type Format = {
  /** "Black", or null where nothing formats this file. */
  by: string | null
  /** Why it cannot be formatted. */
  unavailable: string | null
  /** For so long that somebody may ask. */
  underWay: boolean
  start(): void
}

/** Formats the file that is shown. What was typed meanwhile is newer than what was formatted, and stays. */
export function useFormat({
  file,
  language,
  version,
  onFormatted,
  onPlace,
}: {
  file: RunFile | null
  language: Language | null
  version: string
  /** `before` is the text that was formatted. */
  onFormatted(path: string, before: string, after: string): void
  onPlace(place: Place): void
}): Format {
  const notify = useNotify()
  const [underWay, setUnderWay] = useState(false)
  const current = useRef<AbortController | null>(null)
  useEffect(() => () => current.current?.abort(), [])

  const isText = file !== null && file.encoding !== 'base64'
  const formatter = isText && language ? formatterOf(file.path, language, version) : null

  const start = useCallback(async () => {
    if (!file || !formatter || file.content.trim() === '') return
    current.current?.abort()
    const asked = new AbortController()
    current.current = asked
    const late = setTimeout(() => setUnderWay(true), quietMs)
    try {
      const content = await formatter.format(file.content, asked.signal)
      if (!asked.signal.aborted) onFormatted(file.path, file.content, content)
    } catch (error) {
      if (asked.signal.aborted) return
      const text = error instanceof Error ? error.message : String(error)
      const place = placeIn(text, file.path)
      const action = place && { label: `Go to line ${place.line}`, run: () => onPlace(place) }
      notify({ text, tone: 'bad', ...(action ? { action } : {}) })
    } finally {
      clearTimeout(late)
      if (current.current === asked) setUnderWay(false)
    }
  }, [file, formatter, notify, onFormatted, onPlace])

  const name = file?.path ?? 'This file'
  return {
    by: formatter?.name ?? null,
    unavailable: formatter ? null : isText ? `There is no formatter for ${name}.` : `${name} is not text.`,
    underWay,
    start,
  }
}
