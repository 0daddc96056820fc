import { describe, expect, test } from 'vitest'
import type { Language } from '../../protocol/language.ts'
import {
  draftOf,
  forkOf,
  languageOf,
  noDrafts,
  parseDrafts,
  requestOf,
  versionOf,
  withDraft,
  withFile,
  withoutDraft,
} from './drafts.ts'

const language = (id: string): Language => ({
  id,
  name: id,
  version: '2',
  versions: ['2', '1'].map((version) => ({
    version,
    image: 'image',
    ready: true,
    message: 'ready',
    libraries: [],
    flags: { compile: [], run: [] },
    test: null,
    format: null,
    test_select: null,
  })),
  entry: 'main.x',
  extensions: ['.x'],
  editor: id,
  libraries: [],
  image: 'image',
  ready: true,
  hello: 'hello',
  example: { title: 'A bug', code: 'buggy', stdin: 'in' },
  test_example: null,
})
const python = language('python')
const java = language('java')
const draft = { files: [{ path: 'main.x', content: 'mine' }], entry: 'main.x', stdin: '', args: [] }

describe('what the browser kept', () => {
  test('comes back as it was', () => {
    const drafts = withDraft(noDrafts, 'python', draft)
    expect(parseDrafts(JSON.stringify(drafts))).toEqual(drafts)
  })
  test.each([
    ['nothing', null],
    ['no JSON', '{'],
    ['something else', '[1, 2]'],
    ['a draft without files', '{"language":"python","byLanguage":{"python":{"files":[],"entry":"a","stdin":"","args":[]}}}'],
    ['a language that is none', '{"language":"../x","byLanguage":{}}'],
  ])('is nothing if it is %s', (_, text) => expect(parseDrafts(text)).toEqual(noDrafts))
})

describe('a visitor', () => {
  test('who has written nothing sees the example', () => {
    expect(draftOf(noDrafts, python)).toMatchObject({ files: [{ path: 'main.x', content: 'buggy' }], stdin: 'in' })
  })
  test('sees what they wrote', () => expect(draftOf(withDraft(noDrafts, 'python', draft), python)).toEqual(draft))
  test('keeps a draft for every language', () => {
    const drafts = withDraft(withDraft(noDrafts, 'python', draft), 'java', { ...draft, stdin: 'x' })
    expect(draftOf(drafts, python).stdin).toBe('')
    expect(draftOf(drafts, java).stdin).toBe('x')
  })
  test('comes back to the language they used', () =>
    expect(languageOf(withDraft(noDrafts, 'java', draft), [python, java])).toBe(java))
  test('whose language is gone gets the first one', () =>
    expect(languageOf(withDraft(noDrafts, 'cobol', draft), [python, java])).toBe(python))
  test('who throws a draft away sees the example again', () => {
    expect(draftOf(withoutDraft(withDraft(noDrafts, 'python', draft), 'python'), python).files[0]!.content).toBe('buggy')
  })
})

test('a change goes into its own file', () => {
  const two = { ...draft, files: [...draft.files, { path: 'b.x', content: 'b' }] }
  expect(withFile(two, 'b.x', 'new').files.map((file) => file.content)).toEqual(['mine', 'new'])
})

test('a fork is the whole program: files, entry, input, arguments and version', () => {
  const program = { files: [{ path: 'a.x', content: 'a' }], entry: 'a.x', stdin: 's', args: ['-v'], version: '1' }
  expect(forkOf({ ...program, mode: 'run', tty: null, flags: {} })).toEqual(program)
})

test('a fork keeps how it was run: tests, terminal, flags', () => {
  const program = { files: [{ path: 'a.x', content: 'a' }], entry: 'a.x', stdin: '', args: [], version: '1' }
  const run = { ...program, mode: 'test' as const, tty: { columns: 80, rows: 24 }, flags: { run: ['-O'] } }
  expect(forkOf(run)).toEqual({ ...program, mode: 'test', tty: true, flags: { run: ['-O'] } })
})

test('a program with no input given keeps its input open', () => expect(requestOf(python, draft)).not.toHaveProperty('stdin'))
test('a program that waits for somebody to type may wait a minute, and computes no longer than others', () => {
  expect(requestOf(python, draft)).toMatchObject({ timeout_sec: 60, limits: { cpu_time_ms: 10_000 } })
  expect(requestOf(python, { ...draft, stdin: 'a' })).not.toHaveProperty('timeout_sec')
  expect(requestOf(python, { ...draft, mode: 'test' })).not.toHaveProperty('timeout_sec')
})
test('what a person asked for is asked for', () => {
  const limits = { wall_time_ms: 5_000, memory_bytes: 64 * 1024 * 1024 }
  expect(
    requestOf(python, { ...draft, limits, env: { A: '1' }, flags: { run: ['-O'] }, tty: true }, { columns: 100, rows: 30 }),
  ).toMatchObject({
    timeout_sec: 5,
    limits: { memory_bytes: 64 * 1024 * 1024 },
    env: { A: '1' },
    flags: { run: ['-O'] },
    tty: { columns: 100, rows: 30 },
  })
})
test('tests have no terminal', () => {
  expect(requestOf(python, { ...draft, tty: true, mode: 'test' })).not.toHaveProperty('tty')
})
test('a program with input given gets it all at once', () =>
  expect(requestOf(python, { ...draft, stdin: 'a\n' }).stdin).toBe('a\n'))

test.each([
  [undefined, '2', undefined],
  ['1', '1', '1'],
  ['0.9', '2', undefined],
])('a draft for version %j runs in %s, and the request names it only when it is not the first', (version, chosen, named) => {
  expect(versionOf({ ...draft, version }, python)).toBe(chosen)
  expect(requestOf(python, { ...draft, version }).version).toBe(named)
})
