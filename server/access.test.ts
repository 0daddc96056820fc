import { expect, test } from 'vitest'
import { ActorId } from '../protocol/ids.ts'
import { type Action, may } from './access.ts'

const maker = ActorId.parse('maker')
const other = ActorId.parse('other')

test.each<[Action, boolean]>([
  ['read', true],
  ['write', false],
  ['signal', false],
  ['cancel', false],
  ['update', false],
  ['delete', false],
])('somebody who knows the address of a run may %s it: %s', (action, allowed) => {
  expect(may(other, action, { actorId: maker })).toBe(allowed)
  expect(may(maker, action, { actorId: maker })).toBe(true)
})
