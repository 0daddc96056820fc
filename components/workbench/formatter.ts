import { createApiClient } from '../../protocol/api-client.ts'
import type { Language } from '../../protocol/language.ts'
import { canFormat, formatted } from '../editor/format.ts'
import type { Place } from '../run/place.tsx'

/** What formats a file, for people: its name, and how it is asked. Rejects with a sentence to show. */
export type Formatter = { name: string; format(text: string, signal: AbortSignal): Promise<string> }

/** Prettier in the browser where it reads the file, else the formatter that the language has in its sandbox; null where there is none. */
export function formatterOf(path: string, language: Language, version: string, api = createApiClient()): Formatter | null {
  if (canFormat(path)) return { name: 'Prettier', format: (text) => formatted(path, text) }
  const own = language.versions.find((one) => one.version === version)?.format
  if (!own?.extensions.some((extension) => path.endsWith(extension))) return null
  return {
    name: own.name,
    async format(text, signal) {
      const body = { language: language.id, version, path, content: text }
      return (await api('formatFile', { body, signal })).content
    },
  }
}

/** Where a formatter's sentence "main.py:3:5: …" points. */
export function placeIn(sentence: string, path: string): Place | null {
  if (!sentence.startsWith(`${path}:`)) return null
  const [, line, column] = /^(\d+)(?::(\d+))?: /.exec(sentence.slice(path.length + 1)) ?? []
  if (line === undefined) return null
  return { path, line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) }
}
