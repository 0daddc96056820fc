import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestLimits } from '../protocol/limits.ts'
import { languages, openTestExecutor } from '../sandbox/testing/real-executor.ts'
import { formatFile } from './format.ts'

// Every language whose manifest names a formatter, by the files of its folder: `ugly.*` becomes `tidy.*`, and `broken.*` is refused with the
// line on which it says that it is broken.

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor()
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

const format = (language: string, version: string, path: string, content: string, signal = new AbortController().signal) =>
  formatFile(
    { language, version, path, content },
    { perform: async (job) => executor.start(job), languages, owner: 'somebody', address: '', signal },
  )

function sample(id: string, name: string): string | undefined {
  const folder = join(import.meta.dirname, '../sandbox/languages', id)
  const file = readdirSync(folder).find((one) => one.startsWith(`${name}.`))
  return file && readFileSync(join(folder, file), 'utf8')
}

const withFormatter = languages.filter(({ manifest }) => manifest.format)

describe.each(withFormatter.map((one) => [`${one.id} ${one.manifest.version}`, one] as const))('%s', (_, { id, manifest }) => {
  const { version, entry } = manifest
  const ugly = sample(id, 'ugly') ?? ''
  const tidy = sample(id, 'tidy') ?? ''

  test('makes of something ugly what is written beside it, and leaves that as it is', async () => {
    expect(await format(id, version, entry, ugly)).toEqual({ content: tidy, formatter: manifest.format?.name })
    expect((await format(id, version, entry, tidy)).content).toBe(tidy)
  })

  test.runIf(manifest.format?.error)('says in which line it cannot go on', async () => {
    const broken = sample(id, 'broken') ?? ''
    const line = broken.split('\n').findIndex((one) => one.includes('broken')) + 1
    const refused = await format(id, version, `lib/${entry}`, broken).catch((error: Error) => error)
    expect(refused).toMatchObject({ code: 'invalid', message: expect.stringMatching(RegExp(`^lib/${entry}:${line}:.* \\S`)) })
  })

  test('goes by the name of the file, wherever it lies', async () => {
    const extension = (manifest.format?.extensions ?? manifest.extensions).at(-1)
    expect((await format(id, version, `größe/a b${extension}`, tidy)).content).toBe(tidy)
  })
})

test('the longest file there may be comes back whole', async () => {
  const line = 'var _ = "größe"\n'
  const content = `package main\n\n${line.repeat(Math.floor((requestLimits.formatBytes - 20) / Buffer.byteLength(line)))}`
  const { content: same } = await format('go', '1.24', 'main.go', content)
  expect(same).toBe(content)
})

test('who has gone away leaves no sandbox behind', async () => {
  const gone = new AbortController()
  const asked = format('go', '1.24', 'main.go', 'package main\n', gone.signal)
  gone.abort()
  await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
  await expect.poll(() => executor.sandboxes(), { timeout: 30_000 }).toEqual([])
})
