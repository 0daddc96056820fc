import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeded-random.ts'
import { archiveOf } from './archive.ts'

async function unpacked(archive: Uint8Array): Promise<{ header: Header; content: Buffer }[]> {
  const entries: { header: Header; content: Buffer }[] = []
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    entries.push({ header: entry.header, content: Buffer.concat(chunks) })
  }
  return entries
}

test.each([
  ['a plain name', 'main.py'],
  ['a folder', 'src/app/Main.java'],
  ['other scripts', 'größe/日本語 😀.py'],
  ['more than 100 characters in folders', `${'folder/'.repeat(20)}main.py`],
  ['more than 100 characters in one name', `${'x'.repeat(180)}.py`],
  ['more than 100 characters of other scripts', `${'語'.repeat(60)}/${'é'.repeat(60)}.py`],
])('a file with %s is in it by its whole path, byte for byte', async (_, path) => {
  const content = seededRandom(1).bytes(10_000)
  const entries = await unpacked(await archiveOf([{ path, content }]))
  expect(entries.map(({ header }) => header.name)).toEqual([path])
  expect(entries[0]?.content.equals(content)).toBe(true)
})

test('it holds plain files only, in the order given, that nobody else may write', async () => {
  const paths = ['b.py', 'a/c.py', 'a.py']
  const entries = await unpacked(await archiveOf(paths.map((path) => ({ path, content: Buffer.from(path) }))))
  expect(entries.map(({ header }) => [header.name, header.type, header.mode])).toEqual(paths.map((path) => [path, 'file', 0o644]))
})

test('an empty file and no file at all are fine', async () => {
  const [empty] = await unpacked(await archiveOf([{ path: 'empty', content: new Uint8Array() }]))
  expect(empty?.content.length).toBe(0)
  expect(await unpacked(await archiveOf([]))).toEqual([])
})
