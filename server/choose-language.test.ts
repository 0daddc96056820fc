import { expect, test } from 'vitest'
import { isAppError } from '../protocol/errors.ts'
import { chooseLanguage } from './choose-language.ts'

const installed = [
  ['javascript', '24.21'],
  ['javascript', '20.19'],
  ['javascript', '22.21'],
  ['java', '25'],
  ['java', '17'],
  ['python', '3.13'],
  ['python', '3.11'],
].map(([id, version]) => ({ id: id!, manifest: { version: version! } }))

const refused = (language: string, version?: string) => {
  try {
    chooseLanguage({ language, version }, installed)
  } catch (error) {
    if (isAppError(error)) return `${error.code} ${error.issues?.map(({ path, message }) => `${path}: ${message}`).join(' ')}`
    throw error
  }
  throw new Error('It was taken.')
}

test('a run that names no version gets the first one listed', () =>
  expect(chooseLanguage({ language: 'javascript' }, installed).manifest.version).toBe('24.21'))

test.each([
  ['javascript', '20', '20.19'],
  ['javascript', '>=20 <24', '22.21'],
  ['javascript', '^22.1', '22.21'],
  ['javascript', '*', '24.21'],
  ['java', '17', '17'],
  ['java', '~17', '17'],
  ['python', '3', '3.13'],
  ['python', '3.11', '3.11'],
  ['python', '3.11 || 3.9', '3.11'],
])('%s %j is %s: the newest in the range', (language, version, chosen) =>
  expect(chooseLanguage({ language, version }, installed).manifest.version).toBe(chosen),
)

test.each([
  ['a version that is not there says which are', 'python', '3.1', 'invalid version: python is here in 3.13, 3.11.'],
  ['what is no version says what one looks like', 'java', 'new', 'invalid version: A version or a semver range like "25"'],
  ['an unknown language lists the known, each once', 'cobol', undefined, 'invalid language: One of: javascript, java, python.'],
])('%s', (_, language, version, said) => expect(refused(language, version)).toContain(said))
