import { describe, expect, test } from 'vitest'
import { type Action, actionFor, byGroup } from './action.ts'

const action = (id: string, more: Partial<Action> = {}): Action => ({ id, title: id, group: 'Run', run() {}, ...more })
const key = (key: string, ctrlKey = false) => ({ key, ctrlKey, metaKey: false, altKey: false, shiftKey: false })
const here = { apple: false, where: 'page' as const }

test('a key asks for the action that has it, and of two for the later one', () => {
  const actions = [action('a', { keys: 'Mod+k' }), action('b', { keys: 'Mod+k' }), action('c')]
  expect(actionFor(key('k', true), actions, here)?.id).toBe('b')
  expect(actionFor(key('j', true), actions, here)).toBeUndefined()
})

test('what cannot be done now has no key', () => {
  expect(actionFor(key('F8'), [action('a', { keys: 'F8', unavailable: 'There is no error.' })], here)).toBeUndefined()
})

test('while somebody types, a key that is text is text', () => {
  const actions = [action('help', { keys: '?' }), action('run', { keys: 'Mod+Enter' })]
  expect(actionFor(key('?'), actions, { apple: false, where: 'text' })).toBeUndefined()
  expect(actionFor(key('?'), actions, here)?.id).toBe('help')
  expect(actionFor(key('Enter', true), actions, { apple: false, where: 'text' })?.id).toBe('run')
})

describe('an editor with commands of its own', () => {
  const actions = [
    action('palette', { keys: 'Mod+k' }),
    action('format', { keys: 'Mod+s' }),
    action('versions', { keys: 'Mod+Shift+k' }),
    action('run', { keys: 'Mod+Enter' }),
    action('next', { keys: 'F8' }),
  ]
  const where = { ctrlLetters: 'bdk' }

  test('keeps Ctrl and its letters, and leaves the rest', () => {
    const pressed = (press: ReturnType<typeof key>) => actionFor(press, actions, { apple: false, where })?.id
    expect(pressed(key('k', true))).toBeUndefined()
    expect(pressed(key('s', true))).toBe('format')
    expect(pressed({ ...key('K', true), shiftKey: true })).toBe('versions')
    expect(pressed(key('Enter', true))).toBe('run')
    expect(pressed(key('F8'))).toBe('next')
  })

  test('has none of them on Cmd', () => {
    expect(actionFor({ ...key('k'), metaKey: true }, actions, { apple: true, where })?.id).toBe('palette')
  })
})

test('a habit is answered also while it can do nothing', () => {
  const actions = [
    action('format', { keys: 'Mod+s', unavailable: 'No formatter.', answer() {} }),
    action('stop', { keys: 'Mod+.', unavailable: 'No.' }),
  ]
  expect(actionFor(key('s', true), actions, here)?.id).toBe('format')
  expect(actionFor(key('.', true), actions, here)).toBeUndefined()
})

test('groups are shown in one order, without the empty ones', () => {
  const actions = [action('view', { group: 'View' }), action('run'), action('more')]
  expect(byGroup(actions).map(({ group, actions }) => [group, actions.map(({ id }) => id)])).toEqual([
    ['Run', ['run', 'more']],
    ['View', ['view']],
  ])
})
