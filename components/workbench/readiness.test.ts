import { expect, test } from 'vitest'
import type { Language } from '../../protocol/language.ts'
import { isComplete, notReadyYet } from './readiness.ts'

const flags = { compile: [], run: [] }
const version = (version: string, ready: boolean, message: string): Language['versions'][number] => ({
  version,
  image: '',
  ready,
  message,
  libraries: [],
  flags,
  test: null,
  format: null,
  test_select: null,
})
const python: Language = {
  id: 'python',
  name: 'Python',
  version: '3.13',
  versions: [version('3.13', true, 'ready'), version('3.11', false, 'Its image is being built: step 3 of 7.')],
  entry: 'main.py',
  extensions: ['.py'],
  editor: 'python',
  libraries: [],
  image: '',
  ready: true,
  hello: '',
  example: { title: '', code: '', stdin: '' },
  test_example: null,
}

test('a version that is not ready says why, another one of the language does not stand in for it', () => {
  expect(notReadyYet(python, '3.11')).toBe('Its image is being built: step 3 of 7.')
  expect(notReadyYet(python, '3.13')).toBeNull()
})

test('as long as one version of one language is not ready, there is something to wait for', () => {
  expect(isComplete([python])).toBe(false)
  expect(isComplete([{ ...python, versions: python.versions.slice(0, 1) }])).toBe(true)
})
