import type { z } from 'zod'

/** A framework writes none of them, and a program that forged a million would keep us busy for a quarter of a minute. */
const unreadableLines = 1000

/**
 * The lines that are JSON of the given shape, in order. Others are the program's own words, or cut off; after a thousand that
 * only begin like JSON the rest is left unread.
 */
export function* jsonLines<S extends z.ZodType>(text: string, schema: S): Generator<z.output<S>> {
  let unreadable = 0
  for (let start = 0; start < text.length && unreadable < unreadableLines; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    if (text[start] === '{') {
      const parsed = schema.safeParse(json(text.slice(start, end)))
      if (parsed.success) yield parsed.data
      else unreadable++
    }
    start = end + 1
  }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Not JSON: see above.
    return undefined
  }
}
