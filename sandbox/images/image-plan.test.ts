import { chmod, cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { contextFiles, readImagePlan } from './image-plan.mjs'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function sandboxWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'image-plan-'))
  folders.push(folder)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

const dockerfile = 'ARG BASE\nFROM $BASE\n'
const agent = { 'agent/Dockerfile': dockerfile, 'agent/agent.c': 'int main() {}\n' }
function language(id: string, manifest: Record<string, unknown> = {}): Record<string, string> {
  return {
    [`languages/${id}/language.json`]: JSON.stringify({ versions: [{ version: '1.2' }], ...manifest }),
    [`languages/${id}/Dockerfile`]: `${dockerfile}# ${id}\n`,
  }
}
const four = {
  ...agent,
  ...language('python', { versions: [{ version: '3.13' }] }),
  ...language('javascript', { versions: [{ version: '24' }] }),
  ...language('typescript', { base: 'javascript' }),
  ...language('angular', { base: 'typescript' }),
}

/** By id; of a language with several versions, by "<id> <version>". */
async function tags(sandbox: string): Promise<Record<string, string>> {
  const plan = await readImagePlan(sandbox)
  const several = (id: string) => plan.filter((one) => one.id === id).length > 1
  return Object.fromEntries(plan.map(({ id, version, tag }) => [several(id) ? `${id} ${version}` : id, tag]))
}

const changed = (before: Record<string, string>, after: Record<string, string>) =>
  Object.keys(after).filter((name) => after[name] !== before[name])

test('an image comes after the one it is built on, otherwise by its name', async () => {
  const plan = await readImagePlan(await sandboxWith(four))
  expect(plan.map(({ id }) => id)).toEqual(['base', 'javascript', 'typescript', 'angular', 'python'])
  expect(plan.map(({ base }) => base)).toEqual([null, plan[0]?.tag, plan[1]?.tag, plan[2]?.tag, plan[0]?.tag])
  expect(plan.map(({ buildArgs }) => buildArgs.BASE)).toEqual(['debian:trixie-slim', ...plan.slice(1).map(({ base }) => base)])
})

test('a tag names the language, its version and the content', async () => {
  const { base, python } = await tags(await sandboxWith(four))
  expect(base).toMatch(/^bugghost\/base:[0-9a-f]{12}$/)
  expect(python).toMatch(/^bugghost\/python:3\.13-[0-9a-f]{12}$/)
})

test('a copy of the folder elsewhere, with other times and other permissions for others, has the same tags', async () => {
  const here = await sandboxWith(four)
  const there = await sandboxWith({})
  await cp(here, there, { recursive: true })
  await utimes(join(there, 'agent/agent.c'), 1, 1)
  await chmod(join(there, 'agent/agent.c'), 0o600)
  expect(await tags(there)).toEqual(await tags(here))
})

test('without languages there is still the common base', async () => {
  expect((await readImagePlan(await sandboxWith(agent))).map(({ id }) => id)).toEqual(['base'])
})

test('a changed file changes its image and those built on it, and no other', async () => {
  const sandbox = await sandboxWith(four)
  const before = await tags(sandbox)
  await writeFile(join(sandbox, 'languages/typescript/Dockerfile'), `${dockerfile}RUN true\n`)
  expect(changed(before, await tags(sandbox)).sort()).toEqual(['angular', 'typescript'])
})

test('a changed agent changes every image', async () => {
  const sandbox = await sandboxWith(four)
  const before = await tags(sandbox)
  await writeFile(join(sandbox, 'agent/agent.c'), 'int main() { return 0; }\n')
  const after = await tags(sandbox)
  expect(Object.keys(after).filter((id) => after[id] === before[id])).toEqual([])
})

test.each<[string, (folder: string) => Promise<void>]>([
  ['a file more', (folder) => writeFile(join(folder, 'warm.py'), '')],
  ['a file in a folder of the name of a program', (folder) => writeFile(join(folder, 'warm/hello.py'), '')],
  ['a file that became executable', (folder) => chmod(join(folder, 'warm/start'), 0o755)],
  [
    'a byte that moved from one file to the next',
    (folder) => writeFile(join(folder, 'warm/start'), 'a').then(() => writeFile(join(folder, 'warm/stop'), 'bb')),
  ],
  ['other line endings', (folder) => writeFile(join(folder, 'Dockerfile'), dockerfile.replaceAll('\n', '\r\n'))],
  ['a link to elsewhere', (folder) => symlink('/etc/passwd', join(folder, 'warm/link'))],
])('%s is another image', async (_, change) => {
  const sandbox = await sandboxWith({
    ...agent,
    ...language('python'),
    'languages/python/warm/start': 'ab',
    'languages/python/warm/stop': 'b',
  })
  const before = await tags(sandbox)
  await change(join(sandbox, 'languages/python'))
  expect((await tags(sandbox)).python).not.toBe(before.python)
})

test('programs, manifests, tests, notes and what tools leave behind are not part of an image', async () => {
  const sandbox = await sandboxWith({ ...agent, ...language('python') })
  const folder = join(sandbox, 'languages/python')
  const before = await tags(sandbox)
  for (const path of [
    'hello.py',
    'example.py',
    'tests.py',
    'libraries.py',
    'expected.json',
    'python.docker.test.ts',
    'warm/notes.md',
    'warm/main.o',
    '.DS_Store',
    'node_modules/left-pad/index.js',
    'warm/__pycache__/site.cpython-313.pyc',
  ]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), 'anything')
  }
  await writeFile(join(folder, 'language.json'), JSON.stringify({ versions: [{ version: '1.2' }], name: 'Snake' }))
  expect(await tags(sandbox)).toEqual(before)
  expect(await contextFiles(folder, '1.2')).toEqual([{ path: 'Dockerfile', kind: 'file', from: join(folder, 'Dockerfile') }])
})

test('a package-lock.json at the top means npm packages', async () => {
  const plan = await readImagePlan(
    await sandboxWith({
      ...agent,
      ...language('python'),
      ...language('javascript'),
      'languages/javascript/package-lock.json': '{}',
    }),
  )
  expect(plan.filter(({ hasNpmPackages }) => hasNpmPackages).map(({ id }) => id)).toEqual(['javascript'])
})

test('what another branch left in a language folder is not a language', async () => {
  const sandbox = await sandboxWith({ ...agent, 'languages/cobol/node_modules/x/index.js': '' })
  expect((await readImagePlan(sandbox)).map(({ id }) => id)).toEqual(['base'])
})

describe('a language in several versions', () => {
  const versions = [{ version: '24' }, { version: '22', args: { FROM: 'npm' } }, { version: '20', release: 'bookworm' }]
  const sandboxWithVersions = () =>
    sandboxWith({
      ...agent,
      ...language('javascript', { order: 2, versions }),
      ...language('typescript', { order: 3, base: 'javascript', versions: [{ version: '5' }, { version: '22' }] }),
      ...language('python', { order: 1 }),
      'languages/javascript/package.json': 'for all',
      'languages/javascript/20/package.json': 'for 20',
      'languages/javascript/20/warm/extra.cjs': '',
      'languages/javascript/22/hello.js': '',
    })

  test('is built in its first version with all the others, in the order of the picker, and then in the rest', async () => {
    const plan = await readImagePlan(await sandboxWithVersions())
    expect(plan.map(({ id, version }) => (version === null ? id : `${id} ${version}`))).toEqual([
      'base',
      'python 1.2',
      'javascript 24',
      'typescript 5',
      'javascript 22',
      'base-bookworm',
      'javascript 20',
      'typescript 22',
    ])
  })

  test('stands on the release of Debian that each version names', async () => {
    const plan = await readImagePlan(await sandboxWithVersions())
    const bookworm = plan.find(({ id }) => id === 'base-bookworm')
    expect(bookworm?.tag).toMatch(/^bugghost\/base-bookworm:[0-9a-f]{12}$/)
    expect(bookworm?.buildArgs).toEqual({ BASE: 'debian:bookworm-slim' })
    expect(plan.find(({ version }) => version === '20')).toMatchObject({
      base: bookworm?.tag,
      foundation: 'debian:bookworm-slim',
      buildArgs: { BASE: bookworm?.tag, VERSION: '20' },
    })
  })

  test('has its build told the version and its own arguments', async () => {
    const plan = await readImagePlan(await sandboxWithVersions())
    const { tag, buildArgs } = plan.find(({ id, version }) => id === 'javascript' && version === '22') ?? {}
    expect(tag).toMatch(/^bugghost\/javascript:22-[0-9a-f]{12}$/)
    expect(buildArgs).toEqual({ BASE: plan[0]?.tag, VERSION: '22', FROM: 'npm' })
  })

  test('stands on the same version of another language, or on its first', async () => {
    const names = await tags(await sandboxWithVersions())
    const plan = await readImagePlan(await sandboxWithVersions())
    const baseOf = (version: string) => plan.find((one) => one.id === 'typescript' && one.version === version)?.base
    expect([baseOf('22'), baseOf('5')]).toEqual([names['javascript 22'], names['javascript 24']])
  })

  test('has the files of a version laid over those of all', async () => {
    const folder = join(await sandboxWithVersions(), 'languages/javascript')
    const of = async (version: string) =>
      (await contextFiles(folder, version)).map(({ path, from }) => [path, relative(folder, from)])
    expect(await of('24')).toEqual([
      ['Dockerfile', 'Dockerfile'],
      ['package.json', 'package.json'],
    ])
    expect(await of('22')).toEqual(await of('24'))
    expect(await of('20')).toEqual([
      ['Dockerfile', 'Dockerfile'],
      ['package.json', '20/package.json'],
      ['warm/extra.cjs', '20/warm/extra.cjs'],
    ])
  })

  test.each<[string, (folder: string) => Promise<void>, string[]]>([
    ['a file of one version', (folder) => writeFile(join(folder, '20/package.json'), 'other'), ['javascript 20']],
    [
      'a common file that one version replaces',
      (folder) => writeFile(join(folder, 'package.json'), 'other'),
      ['javascript 22', 'javascript 24', 'typescript 22', 'typescript 5'],
    ],
    [
      'an argument of one version',
      (folder) =>
        writeFile(
          join(folder, 'language.json'),
          JSON.stringify({
            versions: versions.map((one) => (one.version === '22' ? { ...one, args: { FROM: 'debian' } } : one)),
          }),
        ),
      ['javascript 22', 'typescript 22'],
    ],
  ])('gets other images only where %s changes them', async (_, change, expected) => {
    const sandbox = await sandboxWithVersions()
    const before = await tags(sandbox)
    await change(join(sandbox, 'languages/javascript'))
    expect(changed(before, await tags(sandbox)).sort()).toEqual(expected)
  })
})

test.each<[string, Record<string, unknown>, string]>([
  ['no versions', { versions: [] }, 'language.json has no "versions" like [{ "version": "3.13" }]'],
  ['a version that is no number', { versions: [{ version: 'newest' }] }, 'language.json has no "versions"'],
  ['a version twice', { versions: [{ version: '1' }, { version: '1' }] }, 'version 1 is there twice'],
  [
    'a release nobody knows',
    { versions: [{ version: '1', release: 'sid' }] },
    'version 1 is for the release "sid"; there are trixie and bookworm',
  ],
  ['a release beside a base', { base: 'python', versions: [{ version: '1', release: 'trixie' }] }, 'version 1 names a release'],
  ['arguments that are no words', { versions: [{ version: '1', args: { N: 1 } }] }, 'version 1 has "args" that are not like'],
  [
    'an argument it is given anyway',
    { versions: [{ version: '1', args: { BASE: 'x' } }] },
    'version 1 sets the build argument BASE',
  ],
  ['an order that is no number', { order: 'first' }, '"order" in language.json is not a number'],
  [
    'files of a version that is not there',
    { versions: [{ version: '2' }] },
    'it has a folder 1 and language.json no such version',
  ],
])('a language with %s is refused', async (_, manifest, words) => {
  const sandbox = await sandboxWith({
    ...agent,
    ...language('python'),
    ...language('lua', manifest),
    'languages/lua/1/extra.lua': '',
  })
  await expect(readImagePlan(sandbox)).rejects.toThrow(`lua: ${words}`)
})

test('every problem is told at once, and nothing is blamed for its base', async () => {
  const sandbox = await sandboxWith({
    ...language('ant', { base: 'bee' }),
    ...language('bee', { base: 'cow' }),
    ...language('cow', { base: 'ant' }),
    ...language('dog', { base: 'dinosaur' }),
    ...language('eel', { versions: [{ version: 'newest' }] }),
    ...language('fox', { base: 'eel' }),
    ...language('Gnu'),
    ...language('base'),
    'languages/hen/language.json': '{}',
    'languages/ibis/Dockerfile': dockerfile,
    'languages/jay/Dockerfile': dockerfile,
    'languages/jay/language.json': '{',
  })
  const error = await readImagePlan(sandbox).then(
    () => '',
    (error: Error) => error.message,
  )
  expect(error.split('\n').map((line) => line.replace(/cannot be read: .*/, 'cannot be read'))).toEqual([
    'Unusable sandbox images:',
    '  agent: it has no Dockerfile',
    '  Gnu: a language id is at most 32 small letters and digits and starts with a letter',
    '  base: "base" is the name of the image under all languages; call the folder something else',
    '  eel: language.json has no "versions" like [{ "version": "3.13" }]',
    '  hen: it has a language.json and no Dockerfile',
    '  ibis: it has a Dockerfile and no language.json',
    '  jay: language.json cannot be read',
    '  ant: its image is built on itself (ant on bee on cow on ant)',
    '  dog: there is no language "dinosaur" to build on',
  ])
})
