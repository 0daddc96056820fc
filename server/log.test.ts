import { DrizzleQueryError } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { errorForLog, openLog } from './log.ts'

const secret = 'print("do not tell")'
const thrown = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test.each<[string, unknown, object]>([
  [
    'a row the database refused',
    Object.assign(new Error('null value in column "files"'), { code: '23502', detail: `Failing row contains (${secret}).` }),
    { code: '23502', message: 'null value in column "files"' },
  ],
  [
    "a query with its parameters, as Drizzle's",
    new DrizzleQueryError('insert into runs', [secret], new Error('disk full')),
    { message: 'A query failed.', cause: { message: 'disk full' } },
  ],
  [
    'a command with its arguments, as of Redis',
    Object.assign(new Error(`ERR unknown command 'x', with args beginning with: '${secret}'`), {
      command: { name: 'x', args: [secret] },
    }),
    { message: "ERR unknown command 'x'" },
  ],
  ['a text that is not JSON', thrown(() => JSON.parse(secret)), { type: 'SyntaxError' }],
  [
    'a message of another shape, with names in it',
    thrown(() => z.strictObject({ job: z.strictObject({ code: z.literal('a') }) }).parse({ job: { code: secret, [secret]: 1 } })),
    { message: 'invalid_value at job.code; unrecognized_keys at job' },
  ],
  ['an error that was caused by one', new Error('outer', { cause: thrown(() => JSON.parse(secret)) }), { message: 'outer' }],
  ['more than one line', new Error(`first\n${secret}`), { message: 'first' }],
  ['several at once', new AggregateError([new Error('first')], secret.slice(0, 0)), { cause: { message: 'first' } }],
])('of %s the log says what went wrong and not what was given', (_, error, said) => {
  const line = errorForLog(error)
  expect(line).toMatchObject(said)
  expect(JSON.stringify(line)).not.toContain('do not tell')
})

test('the log says where an error came from', () => {
  expect(errorForLog(new Error('here')).stack).toMatch(/^at .*log\.test\.ts/)
})

test('an error whose causes go in a circle has an end', () => {
  const one = new Error('one')
  one.cause = one
  expect(JSON.stringify(errorForLog(one)).match(/"one"/g)?.length).toBeLessThan(10)
})

test('a line is JSON with the process, and a child keeps the id of its run', () => {
  const lines: string[] = []
  const log = openLog('info', 'worker', { write: (line) => void lines.push(line) })
  log.child({ run_id: 'r1' }).warn({ err: new Error('so') }, 'A run is odd')
  log.debug('not told')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: pino.levels.values.warn, process: 'worker', run_id: 'r1', msg: 'A run is odd', err: { message: 'so' } },
  ])
})
