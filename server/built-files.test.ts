import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBuiltFiles, editorFilesIn } from './built-files.ts'

describe('built files', () => {
  const text = 'export const answer = 42\n'.repeat(100)
  let folder: string
  let url: string
  const server = createServer((request, response) => {
    if (!files.answer(request, response, request.url ?? '')) response.writeHead(404).end('somebody else')
  })
  let files: ReturnType<typeof createBuiltFiles>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bugghost-built-'))
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'deep', 'a.js'), text)
    await writeFile(join(folder, 'deep', 'a.js.br'), brotliCompressSync(text))
    await writeFile(join(folder, 'deep', 'a.js.gz'), gzipSync(text))
    await writeFile(join(folder, 'tiny.css'), 'a{}')
    files = createBuiltFiles([{ prefix: '/_editor/', folder }])
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  const get = (path: string, accepted: string) => fetch(url + path, { headers: { 'accept-encoding': accepted } })

  test.each([
    ['br where it is taken', 'gzip, deflate, br, zstd', 'br'],
    ['gzip where br is not', 'gzip, deflate', 'gzip'],
    ['gzip where br is refused by name', 'br;q=0, gzip;q=0.5', 'gzip'],
    ['as it is to who takes neither', 'identity', null],
  ])('are sent %s', async (_, accepted, encoding) => {
    const answer = await get('/_editor/deep/a.js', accepted)
    expect(answer.headers.get('content-encoding')).toBe(encoding)
    expect(await answer.text()).toBe(text)
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect(answer.headers.get('vary')).toBe('accept-encoding')
  })
  test('that did not shrink are sent as they are', async () => {
    const answer = await get('/_editor/tiny.css', 'br')
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(await answer.text()).toBe('a{}')
  })
  test.each(['/_editor/deep/a.js.br', '/_editor/../built-files.ts', '/_editor/%2e%2e/a.js', '/_editor/deep', '/'])(
    'are nothing else: %s',
    async (path) => expect((await get(path, 'br')).status).toBe(404),
  )
  test('are only read', async () => {
    expect((await fetch(`${url}/_editor/tiny.css`, { method: 'POST' })).status).toBe(404)
    const head = await fetch(`${url}/_editor/tiny.css`, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe('3')
  })
  test('an editor that was not built is said at the start, with what to do', () => {
    expect(() => editorFilesIn(folder)).toThrow('npm start')
  })
})
