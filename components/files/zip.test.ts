import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { filesOfZip, withoutCommonFolder, zipOf } from './zip.ts'

const text = (content: string) => new TextEncoder().encode(content)

test('files come back from a zip as they went in', async () => {
  const files = [
    { path: 'main.py', content: 'print("ä")\n' },
    { path: 'data/x.bin', content: '/wAB', encoding: 'base64' as const },
  ]
  expect(await filesOfZip(await zipOf(files))).toEqual(files)
})

describe('an archive from somebody’s desktop', () => {
  test('is what is in its one folder, without the litter', async () => {
    const zip = zipSync({
      'project/main.py': text('1'),
      'project/lib/a.py': text('2'),
      'project/.git/HEAD': text('x'),
      'project/node_modules/x/index.js': text('x'),
      '__MACOSX/project/._main.py': text('x'),
      'project/.DS_Store': text('x'),
    })
    expect(await filesOfZip(zip)).toEqual([
      { path: 'main.py', content: '1' },
      { path: 'lib/a.py', content: '2' },
    ])
  })
  test('with too much in it is refused before it is unpacked', async () => {
    await expect(filesOfZip(zipSync({ bomb: new Uint8Array(50_000_000) }))).rejects.toThrow('more than 1 MiB')
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`f${n}`, text('')]))
    await expect(filesOfZip(zipSync(many))).rejects.toThrow('more than 100 files')
  })
  test.each([
    ['no zip', text('this is text')],
    ['cut off', zipSync({ a: text('content content content') }).subarray(0, 40)],
    ['empty', new Uint8Array()],
  ])('that is %s says so', async (_, data) => {
    await expect(filesOfZip(data)).rejects.toThrow('cannot be read')
  })
})

test('files that share no folder stay where they are', () => {
  const files = [
    { path: 'a/b', content: '' },
    { path: 'c', content: '' },
  ]
  expect(withoutCommonFolder(files)).toEqual(files)
})
