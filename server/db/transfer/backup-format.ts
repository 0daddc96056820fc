import { z } from 'zod'

/**
 * What a backup is, before compression: lines. First the header, then perhaps the key, then for each table its name, its rows
 * in COPY's text format, `\.` (which no row can be) and what they add up to, and a last line, without which it was cut off.
 */
export const formatVersion = 1

export const HeaderLine = z.object({
  format: z.literal('bugghost-backup'),
  version: z.number().int(),
  /** When the newest migration the database had was made, in milliseconds. */
  schema: z.number().int(),
  made_at: z.string(),
})
export const Line = z.union([
  z.strictObject({ secret: z.string() }),
  z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1) }),
  z.strictObject({ rows: z.number().int(), checksum: z.string() }),
  z.strictObject({ end: z.literal(true) }),
])
export type Line = z.infer<typeof Line>

export const lineOf = (line: z.input<typeof HeaderLine> | z.input<typeof Line>): Buffer =>
  Buffer.from(`${JSON.stringify(line)}\n`)
export const endOfRows = Buffer.from('\\.\n')

/** Takes a stream of bytes apart, holding no more than a piece of it and the row that the piece breaks off in. */
export function createLineReader(source: AsyncIterable<Buffer>) {
  const pieces = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  async function readMore(): Promise<void> {
    const next = await pieces.next()
    if (next.done) throw new Error('The backup is cut off: it ends in the middle.')
    rest = rest.length > 0 ? Buffer.concat([rest, next.value]) : next.value
  }
  return {
    /** The next line, as JSON. */
    async line(): Promise<unknown> {
      while (!rest.includes(10)) await readMore()
      const end = rest.indexOf(10)
      const text = rest.toString('utf8', 0, end)
      rest = rest.subarray(end + 1)
      try {
        return JSON.parse(text)
      } catch (cause) {
        throw new Error('This is not a backup of Bug Ghost, or it is damaged.', { cause })
      }
    },
    /** The rows up to the end of their table, several at once. */
    async *rows(): AsyncGenerator<Buffer> {
      for (;;) {
        if (rest.subarray(0, endOfRows.length).equals(endOfRows)) {
          rest = rest.subarray(endOfRows.length)
          return
        }
        const end = rest.indexOf('\n\\.\n')
        const whole = (end === -1 ? rest.lastIndexOf(10) : end) + 1
        const rows = rest.subarray(0, whole)
        rest = rest.subarray(whole)
        if (rows.length > 0) yield rows
        else await readMore()
      }
    },
  }
}
