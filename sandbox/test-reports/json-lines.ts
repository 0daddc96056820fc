import type { z } from 'zod'

/** The lines that are JSON of the given shape, in order. Others are the program's own words, or cut off. */
export function* jsonLines<S extends z.ZodType>(text: string, schema: S): Generator<z.output<S>> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    if (text[start] === '{') {
      const parsed = schema.safeParse(json(text.slice(start, end)))
      if (parsed.success) yield parsed.data
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
