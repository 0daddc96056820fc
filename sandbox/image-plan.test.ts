import { chmod, cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
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
    [`languages/${id}/language.json`]: JSON.stringify({ version: '1.2', ...manifest }),
    [`languages/${id}/Dockerfile`]: `${dockerfile}# ${id}\n`,
  }
}
const four = {
  ...agent,
  ...language('python', { version: '3.13' }),
  ...language('javascript', { version: '24' }),
  ...language('typescript', { base: 'javascript' }),
  ...language('angular', { base: 'typescript' }),
}

async function tags(sandbox: string): Promise<Record<string, string>> {
  return Object.fromEntries((await readImagePlan(sandbox)).map(({ id, tag }) => [id, tag]))
}

test('an image comes after the one it is built on, otherwise by id', async () => {
  const plan = await readImagePlan(await sandboxWith(four))
  expect(plan.map(({ id }) => id)).toEqual(['base', 'javascript', 'typescript', 'angular', 'python'])
  expect(plan.map(({ base }) => base)).toEqual([null, plan[0]?.tag, plan[1]?.tag, plan[2]?.tag, plan[0]?.tag])
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
  const after = await tags(sandbox)
  expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual(['typescript', 'angular'])
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
  await writeFile(join(folder, 'language.json'), JSON.stringify({ version: '1.2', name: 'Snake' }))
  expect(await tags(sandbox)).toEqual(before)
  expect(await contextFiles(folder)).toEqual([{ path: 'Dockerfile', kind: 'file' }])
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

test('every problem is told at once, and nothing is blamed for its base', async () => {
  const sandbox = await sandboxWith({
    ...language('ant', { base: 'bee' }),
    ...language('bee', { base: 'cow' }),
    ...language('cow', { base: 'ant' }),
    ...language('dog', { base: 'dinosaur' }),
    ...language('eel', { version: 'newest' }),
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
    '  eel: language.json has no version like "3.13"',
    '  hen: it has a language.json and no Dockerfile',
    '  ibis: it has a Dockerfile and no language.json',
    '  jay: language.json cannot be read',
    '  ant: its image is built on itself (ant on bee on cow on ant)',
    '  dog: there is no language "dinosaur" to build on',
  ])
})
