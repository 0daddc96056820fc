import { describe, expect, test } from 'vitest'
import { ariaOf, matches, wordsOf, worksWhileTyping } from './keys.ts'

const press = (key: string, held: string = '') => ({
  key,
  ctrlKey: held.includes('c'),
  metaKey: held.includes('m'),
  altKey: held.includes('a'),
  shiftKey: held.includes('s'),
})

describe('a shortcut', () => {
  test.each([
    ['Mod+Enter', press('Enter', 'c'), false, true],
    ['Mod+Enter', press('Enter', 'm'), true, true],
    ['Mod+Enter', press('Enter', 'm'), false, false],
    ['Mod+Enter', press('Enter', 'cs'), false, false],
    ['Mod+Shift+f', press('F', 'cs'), false, true],
    ['Mod+Shift+f', press('F', 'c'), false, false],
    ['Mod+k', press('K', 'c'), false, true],
    ['Alt+ArrowUp', press('ArrowUp', 'a'), false, true],
    ['F8', press('F8'), false, true],
    ['F8', press('F8', 's'), false, false],
    ['Shift+F8', press('F8', 's'), false, true],
    ['Ctrl+j', press('j', 'c'), true, true],
  ])('%s is that and nothing else: %j (Mac: %s) %s', (keys, pressed, apple, is) => {
    expect(matches(pressed, keys, apple)).toBe(is)
  })

  test('that is a sign is what the keyboard types, with Shift or without', () => {
    expect(matches(press('?', 's'), '?', false)).toBe(true)
    expect(matches(press('?'), '?', false)).toBe(true)
    expect(matches(press('?', 'c'), '?', false)).toBe(false)
  })

  test.each([
    ['Mod+k', true],
    ['F8', true],
    ['Shift+F8', true],
    ['Alt+1', true],
    ['?', false],
    ['Shift+n', false],
  ])('%s works while somebody types: %s', (keys, works) => {
    expect(worksWhileTyping(keys)).toBe(works)
  })

  test('is told as it is printed on the keyboard, and to a screen reader', () => {
    expect(wordsOf('Mod+Shift+f', false)).toEqual(['Ctrl', 'Shift', 'F'])
    expect(wordsOf('Mod+Enter', true)).toEqual(['⌘', '↵'])
    expect(ariaOf('Mod+Shift+f', true)).toBe('Meta+Shift+f')
    expect(ariaOf('Mod+Enter', false)).toBe('Control+Enter')
  })
})
