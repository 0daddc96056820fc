import { expect, test } from 'vitest'
import { backOff, levelOf } from './embedded-postgres.ts'

test('a server that keeps dying is started less and less often, every 5 s at the least', () =>
  expect([1, 2, 3, 4, 5, 6, 7, 50].map(backOff)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]))

test.each([
  ['LOG:  database system is ready to accept connections', 'debug'],
  ['FATAL:  the database system is starting up', 'debug'],
  ['ERROR:  canceling statement due to statement timeout', 'warn'],
  ['FATAL:  terminating connection due to administrator command', 'warn'],
  ['2026-11-23 21:04:45.072 GMT [14349] FATAL:  invalid value for parameter', 'warn'],
  ['PANIC:  could not write to file "pg_wal/xlogtemp": No space left on device', 'error'],
  ['', 'debug'],
])('PostgreSQL says %j: our level', (line, level) => expect(levelOf(line)).toBe(level))
