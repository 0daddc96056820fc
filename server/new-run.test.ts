import { describe, expect, test } from 'vitest'
import { isAppError } from '../protocol/errors.ts'
import { defaultLimits, MiB } from '../protocol/limits.ts'
import type { RunRequest } from '../protocol/run.ts'
import { newRun } from './new-run.ts'

function manifestOf(id: string, own: { version: string; entry: string; extensions: string[] }) {
  return { id, manifest: { name: id, flags: { compile: [], run: [] }, ...own } }
}

const languages = [
  manifestOf('python', { version: '3.13', entry: 'main.py', extensions: ['.py'] }),
  manifestOf('java', { version: '25', entry: 'Main.java', extensions: ['.java'] }),
]
const read = (request: Partial<RunRequest>) => newRun({ language: 'python', ...request } as RunRequest, languages, 'somebody')
const refused = (request: Partial<RunRequest>) => {
  try {
    read(request)
  } catch (error) {
    if (isAppError(error)) return { code: error.code, paths: error.issues?.map((issue) => issue.path), issues: error.issues }
    throw error
  }
  throw new Error('It was taken.')
}
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')

describe('what is left out', () => {
  test('code goes into the language’s own file, with the default limits and no more input', () => {
    const { record, job } = read({ code: 'print(1)' })
    expect(record).toEqual({
      language: 'python',
      version: '3.13',
      mode: 'run',
      only: [],
      flags: {},
      tty: null,
      artifacts: [],
      files: [{ path: 'main.py', content: 'print(1)' }],
      entry: 'main.py',
      stdin: '',
      args: [],
      env: {},
      limits: defaultLimits,
    })
    expect(job.files).toEqual([{ path: 'main.py', content: Buffer.from('print(1)') }])
    expect(job.stdinOpen).toBe(false)
  })

  test('processor time follows the time given, and a limit that is named is kept beside the others', () => {
    expect(read({ code: '1', timeout_sec: 3, limits: { processes: 8 } }).job.limits).toEqual({
      ...defaultLimits,
      wall_time_ms: 3000,
      cpu_time_ms: 3000,
      processes: 8,
    })
    expect(read({ code: '1', timeout_sec: 3, limits: { cpu_time_ms: 500 } }).job.limits.cpu_time_ms).toBe(500)
  })

  test.each<[string, Partial<RunRequest>, boolean]>([
    ['waits for the answer', {}, false],
    ['gives all the input', { wait: false, stdin: '' }, false],
    ['does neither', { wait: false }, true],
  ])('the input of a run whose maker %s stays open or not', (_, request, open) => {
    expect(read({ code: '1', ...request }).job.stdinOpen).toBe(open)
  })
})

describe('which file starts', () => {
  const file = (path: string, content = '1') => ({ path, content })
  test.each<[string, Partial<RunRequest>, string]>([
    ['the one that is named', { files: [file('main.py'), file('b.py')], entry: 'b.py' }, 'b.py'],
    ['the language’s own', { files: [file('a.py'), file('main.py')] }, 'main.py'],
    ['the only one of the language', { files: [file('data.csv'), file('src/tool.py')] }, 'src/tool.py'],
  ])('%s', (_, request, entry) => expect(read(request).record.entry).toBe(entry))

  test.each<[string, Partial<RunRequest>]>([
    ['it is none of the files', { files: [file('main.py')], entry: 'other.py' }],
    ['there are two and none is named', { files: [file('a.py'), file('b.py')] }],
    ['none is of this language', { files: [file('a.rb')] }],
    ['code has its name already', { code: '1', entry: 'other.py' }],
  ])('is refused when %s', (_, request) => expect(refused(request)).toMatchObject({ code: 'invalid', paths: ['entry'] }))
})

describe('a request is refused, with the field and what is allowed there, when', () => {
  const tooMany = Array.from({ length: 1000 }, (_, n) => ({ path: `f${n}.py`, content: '1' }))
  test.each<[string, Partial<RunRequest>, string, string[] | undefined]>([
    ['the language is not here', { language: 'cobol', code: '1' }, 'invalid', ['language']],
    ['the language is only a name of Object’s', { language: 'constructor', code: '1' }, 'invalid', ['language']],
    ['the version is not installed', { version: '3.1', code: '1' }, 'invalid', ['version']],
    ['there is neither code nor files', {}, 'invalid', ['code']],
    ['there are both', { code: '1', files: [{ path: 'main.py', content: '1' }] }, 'invalid', ['files']],
    ['the code is empty', { code: '' }, 'invalid', ['code']],
    ['the code is blank', { code: '   \n\t' }, 'invalid', ['code']],
    ['there are no files', { files: [] }, 'invalid', ['files']],
    ['the file that starts is blank', { files: [{ path: 'main.py', content: ' \n' }] }, 'invalid', ['files.0.content']],
    ['there are a thousand files', { files: tooMany }, 'invalid', ['files']],
    ['a path leaves the workspace', { files: [{ path: '../main.py', content: '1' }] }, 'invalid', ['files.0.path']],
    [
      'two paths are the same but for case',
      {
        files: [
          { path: 'main.py', content: '1' },
          { path: 'MAIN.py', content: '1' },
        ],
      },
      'invalid',
      ['files.1.path'],
    ],
    [
      'base64 has line breaks',
      { files: [{ path: 'main.py', content: 'cHJp\nbnQ=', encoding: 'base64' }] },
      'invalid',
      ['files.0.content'],
    ],
    ['base64 is not padded', { files: [{ path: 'main.py', content: 'cA', encoding: 'base64' }] }, 'invalid', ['files.0.content']],
    ['the code is over 1 MiB', { code: 'x'.repeat(MiB + 1) }, 'too-large', undefined],
    ['the code is over 1 MiB as UTF-8', { code: 'é'.repeat(MiB / 2 + 1) }, 'too-large', undefined],
    [
      'the files together are over 1 MiB',
      {
        files: [
          { path: 'main.py', content: 'x'.repeat(MiB) },
          { path: 'b', content: 'x' },
        ],
      },
      'too-large',
      undefined,
    ],
    [
      'a decoded file is over 1 MiB',
      { files: [{ path: 'main.py', content: base64(new Uint8Array(MiB + 1)), encoding: 'base64' }] },
      'too-large',
      undefined,
    ],
    ['the input is over 1 MiB', { code: '1', stdin: 'x'.repeat(MiB + 1) }, 'too-large', undefined],
  ])('%s', (_, request, code, paths) => expect(refused(request)).toMatchObject(paths ? { code, paths } : { code }))

  test('an unknown language names the known ones', () => {
    expect(refused({ language: 'cobol', code: '1' }).issues?.[0]?.message).toContain('python, java')
  })
  test('an unknown version names the installed one', () => {
    expect(refused({ version: '2', code: '1' }).issues?.[0]?.message).toContain('3.13')
  })
})

test('exactly 1 MiB of code, input or decoded files is taken', () => {
  expect(read({ code: 'x'.repeat(MiB), stdin: 'x'.repeat(MiB) }).job.stdin).toHaveLength(MiB)
  const files = [{ path: 'main.py', content: base64(new Uint8Array(MiB).fill(120)), encoding: 'base64' as const }]
  expect(read({ files }).job.files[0]?.content).toHaveLength(MiB)
})

test('a program gets its bytes: NUL, BOM, CRLF and U+2028 as they were, base64 decoded', () => {
  const code = '\ufeff# a\0b\r\nprint("\u2028")'
  expect(read({ code }).job.files[0]?.content).toEqual(Buffer.from(code))
  const files = [{ path: 'main.py', content: base64(Uint8Array.of(255, 0, 13)), encoding: 'base64' as const }]
  expect(read({ files }).job.files[0]?.content).toEqual(Buffer.from([255, 0, 13]))
})

test('half a surrogate pair becomes U+FFFD both in what runs and in what is kept', () => {
  const { record, job } = read({ code: 'a\ud800', stdin: '\udc00', args: ['\ud800'], env: { A: '\ud800' } })
  expect(record.files[0]?.content).toBe('a\ufffd')
  expect(Buffer.from(job.files[0]?.content ?? []).toString()).toBe('a\ufffd')
  expect([record.stdin, ...record.args, record.env.A]).toEqual(['\ufffd', '\ufffd', '\ufffd'])
})
