import { expect, test } from 'vitest'
import { parsePostmasterPid } from './postmaster.ts'

const whole = '13885\n/proc/self/cwd\n1795467585\n5432\n/tmp/bugghost-pg-a\n\n 16039944         4\nready   \n'

test.each([
  ['of a running server says where it listens', whole, true],
  ['of one that still recovers says so', whole.replace('ready   ', 'starting'), false],
])('a pid file %s', (_, text, ready) =>
  expect(parsePostmasterPid(text)).toEqual({ pid: 13885, socketFolder: '/tmp/bugghost-pg-a', port: 5432, ready }),
)

test.each(['', '13885\n', '13885\n/data\n1795467585\n5432\n', 'x\n/data\n1\n5432\n/tmp\n', '-1\n/data\n1\n5432\n/tmp\n'])(
  'a pid file that is half written or nonsense says nothing: %j',
  (text) => expect(parsePostmasterPid(text)).toBeNull(),
)
