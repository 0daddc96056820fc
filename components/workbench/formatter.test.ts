import { describe, expect, test, vi } from 'vitest'
import type { ApiClient } from '../../protocol/api-client.ts'
import type { Language } from '../../protocol/language.ts'
import { formatterOf, placeIn } from './formatter.ts'

const versions = [
  { version: '2', format: { name: 'Tidy', extensions: ['.ex', '.h'] } },
  { version: '1', format: null },
]
const language = { id: 'example', versions } as unknown as Language
const never = new AbortController().signal

describe('a file is formatted', () => {
  test.each([
    ['main.ex', '2', 'Tidy'],
    ['lib/a.h', '2', 'Tidy'],
    ['main.ex', '1', undefined],
    ['main.ex', '3', undefined],
    ['notes.txt', '2', undefined],
    ['package.json', '2', 'Prettier'],
    ['README.md', '1', 'Prettier'],
  ])('%s of version %s by %s', (path, version, name) => {
    expect(formatterOf(path, language, version)?.name).toBe(name)
  })

  test('in the sandbox of the version that is chosen', async () => {
    const api = vi.fn(async () => ({ content: 'tidy', formatter: 'Tidy' }))
    const formatter = formatterOf('lib/a.ex', language, '2', api as unknown as ApiClient)
    expect(await formatter?.format('ugly', never)).toBe('tidy')
    const body = { language: 'example', version: '2', path: 'lib/a.ex', content: 'ugly' }
    expect(api).toHaveBeenCalledWith('formatFile', { body, signal: never })
  })

  test('in the browser without asking anybody', async () => {
    const api = vi.fn()
    const formatter = formatterOf('a.json', language, '2', api as unknown as ApiClient)
    expect(await formatter?.format('{"a":1}', never)).toBe('{ "a": 1 }\n')
    expect(api).not.toHaveBeenCalled()
  })
})

test.each([
  ['main.py:3:5: Oh.', { path: 'main.py', line: 3, column: 5 }],
  ['main.py:3: Oh.', { path: 'main.py', line: 3 }],
  ['main.py: Oh.', null],
  ['main.pyc:3:5: Oh.', null],
  ['Too many wait: 3:5: Oh.', null],
])('"%s" points to %j', (sentence, place) => expect(placeIn(sentence, 'main.py')).toEqual(place))
