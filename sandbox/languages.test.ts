import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { readLanguages } from './languages.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

type Files = Record<string, string>

async function sandboxWith(...files: Files[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'languages-'))
  folders.push(folder)
  for (const [path, content] of Object.entries(Object.assign({ 'agent/Dockerfile': 'FROM scratch\n' }, ...files))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content as string)
  }
  return folder
}

const manifest = {
  name: 'Lua',
  versions: [{ version: '5.4' }] as object[],
  entry: 'main.lua',
  extensions: ['.lua'],
  editor: 'lua',
  run: { argv: ['lua5.4', '{entry}'] },
  example: { title: 'An array that starts at one', file: 'example.lua' },
}

/** A whole language; `files` replaces some of its files, and takes away those that are null. */
function language(id: string, change: object = {}, files: Record<string, string | null> = {}): Files {
  const all: Record<string, string | null> = {
    'language.json': JSON.stringify({ ...manifest, ...change }),
    Dockerfile: 'ARG BASE\nFROM $BASE\n',
    'hello.lua': 'print("Hello from Lua!")\n',
    'expected.json': '{ "stdout": "Hello from Lua!\\n" }',
    'example.lua': 'print(({ "a" })[0])\n',
    ...files,
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, content]) => (content === null ? [] : [[`languages/${id}/${name}`, content]])),
  )
}

async function problemsOf(...files: Files[]): Promise<string> {
  const error = await readLanguages(await sandboxWith(...files)).then(
    () => new Error('nothing was wrong'),
    (refused: Error) => refused,
  )
  return error.message
}

test('a manifest that names a reader nobody has says which there are', async () => {
  expect(await problemsOf(language('lua', { diagnostics: ['lua', 'moon'] }))).toMatch(
    /nothing reads diagnostics "moon"; there are .*lua/,
  )
  const test = {
    framework: 'busted',
    run: { argv: ['busted'] },
    report: { path: '/tmp/report', format: 'tap' },
    example: { file: 'example.lua', path: 'spec.lua' },
  }
  expect(await problemsOf(language('lua', { test }))).toMatch(/nothing reads a report "tap"; there are .*junit-xml/)
})

describe('the languages that come with Bug Ghost', async () => {
  const languages = await readLanguages(import.meta.dirname)

  test('are all usable, and the picker shows them in their order', () => {
    const ids = [...new Set(languages.map(({ id }) => id))]
    expect(ids.slice(0, 4)).toEqual(['python', 'javascript', 'typescript', 'java'])
  })

  test.each(languages.map((one) => [`${one.id} ${one.manifest.version}`, one] as const))(
    '%s has an entry of its own kind',
    (_, { manifest: { entry, extensions } }) => {
      expect(extensions.some((extension) => entry.endsWith(extension))).toBe(true)
    },
  )

  test.each(languages.map((one) => [`${one.id} ${one.manifest.version}`, one] as const))(
    '%s has an image of its own',
    (_, { id, image, manifest: { version } }) => {
      expect(image).toMatch(new RegExp(`^bugghost/${id}:${version}-[0-9a-f]{12}$`))
    },
  )

  test.each(languages.map((one) => [`${one.id} ${one.manifest.version}`, one] as const))(
    '%s has an example worth opening',
    (_, { example, hello }) => {
      expect(example.trim().split('\n').length).toBeGreaterThan(3)
      expect(example).not.toBe(hello)
    },
  )
})

test('a language is only a folder', async () => {
  const [lua] = await readLanguages(await sandboxWith(language('lua')))
  expect(lua).toEqual({
    id: 'lua',
    image: expect.stringMatching(/^bugghost\/lua:5\.4-[0-9a-f]{12}$/),
    manifest: expect.objectContaining({ name: 'Lua', warm_sandboxes: 1, memory_messages: [], order: 100 }),
    hello: 'print("Hello from Lua!")\n',
    expected: { stdout: 'Hello from Lua!\n' },
    example: 'print(({ "a" })[0])\n',
    testExample: null,
  })
})

test('of a language in several versions there is one entry for each, and a version says only where it differs', async () => {
  const env = { LUA_INIT: '' }
  const versions = [
    { version: '5.4' },
    { version: '5.1', args: { PACKAGE: 'lua5.1' }, run: { argv: ['lua5.1', '{entry}'] }, libraries: ['lpeg 1'] },
  ]
  const languages = await readLanguages(await sandboxWith(language('ada'), language('lua', { env, versions, order: 1 })))
  expect(
    languages.map(({ id, image, manifest: { version, env, run, libraries } }) => ({
      image: image.replace(/-[0-9a-f]{12}$/, ''),
      what: [id, version, env, run.argv[0], libraries],
    })),
  ).toEqual([
    { image: 'bugghost/lua:5.4', what: ['lua', '5.4', env, 'lua5.4', []] },
    { image: 'bugghost/lua:5.1', what: ['lua', '5.1', env, 'lua5.1', ['lpeg 1']] },
    { image: 'bugghost/ada:5.4', what: ['ada', '5.4', {}, 'lua5.4', []] },
  ])
})

test('what builds an image is no part of what the executor works with', async () => {
  const versions = [{ version: '5.4', release: 'bookworm', args: { PACKAGE: 'lua5.4' } }]
  const [lua] = await readLanguages(await sandboxWith(language('lua', { versions })))
  for (const word of ['release', 'args', 'versions']) expect(lua?.manifest).not.toHaveProperty(word)
})

test('a language with test mode has a file of tests to begin with', async () => {
  const how = { framework: 'busted 2', run: { argv: ['busted'] }, report: { path: 'report.xml', format: 'junit-xml' } }
  const tested = { test: { ...how, example: { file: 'tests.lua', path: 'main_spec.lua' } } }
  const [lua] = await readLanguages(await sandboxWith(language('lua', tested, { 'tests.lua': 'describe()' })))
  expect(lua?.testExample).toBe('describe()')
  expect(await problemsOf(language('lua', tested))).toContain('tests.lua')
})

test('a runtime that cannot wait leaves `warm` out', async () => {
  const [lua] = await readLanguages(await sandboxWith(language('lua')))
  expect(lua?.manifest.run.warm).toBeUndefined()
})

test('smaller numbers come first, then the alphabet', async () => {
  const sandbox = await sandboxWith(language('zig', { order: 1 }), language('lua'), language('ada'))
  expect((await readLanguages(sandbox)).map(({ id }) => id)).toEqual(['zig', 'ada', 'lua'])
})

test('what git leaves behind of a language from another branch is no language', async () => {
  const sandbox = await sandboxWith(language('lua'), { 'languages/cobol/node_modules/x/package.json': '{}' })
  expect((await readLanguages(sandbox)).map(({ id }) => id)).toEqual(['lua'])
})

test.each<[string, Files, string]>([
  ['a manifest that is no JSON', language('lua', {}, { 'language.json': '{ name: Lua }' }), 'JSON'],
  ['no manifest', language('lua', {}, { 'language.json': null }), 'language.json'],
  ['no Dockerfile', language('lua', {}, { Dockerfile: null }), 'Dockerfile'],
  ['no hello program', language('lua', {}, { 'hello.lua': null }), 'there is no hello.lua'],
  ['nothing that says what hello prints', language('lua', {}, { 'expected.json': null }), 'expected.json'],
  ['something else in expected.json', language('lua', {}, { 'expected.json': '{ "output": "" }' }), 'stdout'],
  ['an example that is not there', language('lua', {}, { 'example.lua': null }), 'example.lua'],
  ['a word nobody knows', language('lua', { colour: 'blue' }), 'colour'],
  ['no name', language('lua', { name: '' }), 'name'],
  ['a version that is none', language('lua', { versions: [{ version: 'latest' }] }), 'version'],
  ['no version', language('lua', { versions: [] }), 'versions'],
  ['a version twice', language('lua', { versions: [{ version: '5.4' }, { version: '5.4' }] }), 'version 5.4 is there twice'],
  ['a word nobody knows in a version', language('lua', { versions: [{ version: '5.4', colour: 'blue' }] }), 'colour'],
  ['a release nobody knows', language('lua', { versions: [{ version: '5.4', release: 'sid' }] }), 'release'],
  ['no endings', language('lua', { extensions: [] }), 'extensions'],
  ['an ending without its dot', language('lua', { extensions: ['lua'] }), 'extensions'],
  ['nothing to run', language('lua', { run: { argv: [] } }), 'argv'],
  ['an empty word in what is run', language('lua', { run: { argv: ['lua5.4', ''] } }), 'argv'],
  ['a hundred waiting sandboxes', language('lua', { warm_sandboxes: 100 }), 'warm_sandboxes'],
  ['a base that is not there', language('lua', { base: 'c' }), 'there is no language "c" to build on'],
  ['a name that is no id', language('Lua-5'), 'Lua-5'],
])('a language with %s is refused by its name', async (_, files, words) => {
  const message = await problemsOf(files)
  expect(message).toMatch(/^Unusable languages:\n/)
  expect(message).toMatch(/(lua|Lua-5): /)
  expect(message).toContain(words)
})

test('all problems of all languages are told at once', async () => {
  const message = await problemsOf(
    language('ada', { versions: [{ version: 'latest' }] }),
    language('lua', {}, { 'hello.lua': null }),
    language('perl', { colour: 'blue', name: '' }),
    language('zig'),
  )
  for (const words of ['ada: ', 'version', 'lua: there is no hello.lua', 'perl: ', 'colour', 'name'])
    expect(message).toContain(words)
  expect(message).not.toContain('zig')
})

test('a sandbox folder without languages says where it looked', async () => {
  const folder = await sandboxWith()
  await expect(access(join(folder, 'languages'))).rejects.toThrow()
  await expect(readLanguages(folder)).rejects.toThrow(join(folder, 'languages'))
})
