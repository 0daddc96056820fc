import { DrizzleQueryError } from 'drizzle-orm/errors'
import { expect, test } from 'vitest'
import { isAppError } from '../../protocol/errors.ts'
import { databaseError, isCut, isUnreachable } from './unreachable.ts'

const coded = (code: string) => Object.assign(new Error('something'), { code })

test.each([
  ['nothing listens', coded('ECONNREFUSED'), true],
  ['there is no socket', coded('ENOENT'), true],
  ['every address refused', new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')]), true],
  ['it is shut down', coded('57P01'), true],
  ['it is starting', coded('57P03'), true],
  ['it has no connection left', coded('53300'), true],
  ['its disk is full', coded('53100'), true],
  ['a statement ran out of time', coded('57014'), true],
  ['it takes no writes', coded('25006'), true],
  ['a silent connection', new Error('Query read timeout'), true],
  ['no connection in time', new Error('timeout exceeded when trying to connect'), true],
  ['a lost connection', new Error('Connection terminated unexpectedly'), true],
  ['any of them inside what Drizzle throws', new DrizzleQueryError('select', [], coded('57P01')), true],
  ['a row that is there already', coded('23505'), false],
  ['a mistake in our SQL', coded('42601'), false],
  ['a mistake in our code', new TypeError('x is not a function'), false],
  ['nothing at all', undefined, false],
])('%s: is the database away or not', (_, error, expected) => expect(isUnreachable(error)).toBe(expected))

test.each([
  ['was cut', coded('57P01'), true],
  ['was reset', coded('ECONNRESET'), true],
  ['ended by itself', new Error('Connection terminated unexpectedly'), true],
  ['could not be had', coded('ECONNREFUSED'), false],
  ['was too slow', new Error('Query read timeout'), false],
])('a connection that %s: is it worth asking again at once', (_, error, expected) => expect(isCut(error)).toBe(expected))

test('what is thrown for a failed query holds nothing that a person wrote', () => {
  const wrapped = new DrizzleQueryError('insert', ['my secret'], coded('23505'))
  expect(databaseError(wrapped)).toMatchObject({ code: '23505', message: 'something' })
  const away = databaseError(new DrizzleQueryError('insert', ['my secret'], coded('ECONNREFUSED')))
  expect(isAppError(away) && away.code).toBe('unavailable')
  expect(JSON.stringify(away, Object.getOwnPropertyNames(away)) + String((away as Error).cause)).not.toContain('secret')
})
