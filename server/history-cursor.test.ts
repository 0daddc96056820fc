import { expect, test } from 'vitest'
import { cursorOf, positionOf } from './history-cursor.ts'
import { newRunId } from './run-id.ts'

test('a cursor leads back to where the page ended', () => {
  const position = { createdAt: new Date(1_795_000_000_123), runId: newRunId() }
  expect(positionOf(cursorOf(position))).toEqual(position)
})

test.each(['', 'x', '%00', Buffer.from('1.nothing').toString('base64url'), Buffer.from("' OR 1=1 --").toString('base64url')])(
  'a cursor that is not ours, like %j, is refused',
  (cursor) => expect(() => positionOf(cursor)).toThrow(expect.objectContaining({ code: 'invalid' })),
)
