import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineReader, endOfRows, lineOf } from './backup-format.ts'

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test('whatever the rows are and wherever the stream is cut, they come out as they went in', async () => {
  // As COPY writes them: no bare newline in a row, and a backslash only before what it escapes.
  const row = fc.string({ unit: fc.constantFrom('a', '\\\\', '\\n', '\\N', '\t', 'ü', '.') }).map((text) => `${text}\n`)
  await fc.assert(
    fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 40 }), async (rows, size) => {
      const text = rows.join('')
      const bytes = Buffer.concat([lineOf({ table: 't', columns: ['a'] }), Buffer.from(text), endOfRows, lineOf({ end: true })])
      const reader = createLineReader(inPieces(bytes, size))
      expect(await reader.line()).toEqual({ table: 't', columns: ['a'] })
      const read: Buffer[] = []
      for await (const piece of reader.rows()) {
        // Never half a row: what it is passed to may count on that.
        expect(piece.at(-1)).toBe(10)
        read.push(piece)
      }
      expect(Buffer.concat(read).toString()).toBe(text)
      expect(await reader.line()).toEqual({ end: true })
    }),
  )
})

test('one that is cut off says so', async () => {
  const reader = createLineReader(inPieces(Buffer.from('{"table":"t","columns":["a"]}\na\nb'), 7))
  await reader.line()
  const reading = async () => {
    for await (const _ of reader.rows());
  }
  await expect(reading()).rejects.toThrow('cut off')
})

test('something else says that it is none', async () => {
  await expect(createLineReader(inPieces(Buffer.from('PGDMP\n'), 100)).line()).rejects.toThrow('not a backup of Bug Ghost')
})
