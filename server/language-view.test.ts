import { expect, test } from 'vitest'
import { Language } from '../protocol/language.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import { manifestWith } from '../sandbox/testing/example-language.ts'
import { languageViews } from './language-view.ts'

const loaded = (id: string, manifest: Record<string, unknown>, testExample: string | null = null): LoadedLanguage => ({
  id,
  manifest: manifestWith(manifest),
  image: `bugghost/${id}:${manifest.version}`,
  hello: 'hello',
  expected: { stdout: 'hello' },
  example: 'bug',
  testExample,
})
const state = (id: string, version: string, ready: boolean, message: string) => ({
  id,
  version,
  ready,
  message,
  image: '',
  imageDigest: '',
})
const snake = [
  loaded('snake', { name: 'Snake', order: 2, version: '3.13', libraries: ['pytest 8'] }),
  loaded('snake', { name: 'Snake', order: 2, version: '3.11' }),
]

test('a language is shown once, with its versions in the order of its manifest', () => {
  const [view] = languageViews(snake, [state('snake', '3.11', true, 'ready')])
  expect(Language.parse(view)).toMatchObject({
    id: 'snake',
    version: '3.13',
    image: 'bugghost/snake:3.13',
    libraries: ['pytest 8'],
    versions: [
      { version: '3.13', ready: false, libraries: ['pytest 8'] },
      { version: '3.11', ready: true, message: 'ready', libraries: [] },
    ],
  })
})

test('a language is ready when its first version is', () => {
  const ready = (version: string) => languageViews(snake, [state('snake', version, true, 'ready')])[0]?.ready
  expect([ready('3.13'), ready('3.11')]).toEqual([true, false])
})

test('a version that is not ready says how far it is', () => {
  const message = 'Its image is being built: step 3 of 7.'
  const [view] = languageViews(snake, [state('snake', '3.13', false, message), state('snake', '3.11', true, 'ready')])
  expect(view?.versions.map((one) => one.message)).toEqual([message, 'ready'])
})

test('smaller numbers come first, then the alphabet', () => {
  const all = [loaded('zig', { name: 'Zig' }), loaded('ada', { name: 'Ada' }), ...snake]
  expect(languageViews(all, []).map(({ id }) => id)).toEqual(['snake', 'ada', 'zig'])
})

test('a language with test mode names its framework, and has a file of tests to begin with', () => {
  const how = { framework: 'unit 5', run: { argv: ['unit'] }, report: { path: 'report.xml', format: 'junit-xml' } }
  const tested = { ...how, example: { file: 'tests.ex', path: 'tests.ex' } }
  const [view] = languageViews([loaded('ada', { test: tested }, 'test it')], [])
  expect(view?.test_example).toEqual({ path: 'tests.ex', code: 'test it' })
  expect(view?.versions[0]?.test).toBe('unit 5')
  expect(languageViews(snake, [])[0]?.test_example).toBeNull()
})
