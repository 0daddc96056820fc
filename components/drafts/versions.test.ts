import { describe, expect, test } from 'vitest'
import { changeOf, pastOf, type Version } from './versions.ts'

const version = (at: number, content: string, more: Partial<Version> = {}): Version => ({
  id: at,
  at,
  tab: 'mine',
  language: 'python',
  reason: 'edit',
  files: [{ path: 'main.py', content }],
  entry: 'main.py',
  ...more,
})

describe('what one can go back to after a reload', () => {
  test('are the texts of this tab, oldest first, each once', () => {
    const versions = [version(3, 'c'), version(1, 'a'), version(2, 'a'), version(4, 'x', { tab: 'other' })]
    expect(pastOf(versions, 'mine', 'main.py', 'd')).toEqual(['a', 'c'])
  })
  test('is not the text that is there already', () => {
    expect(pastOf([version(1, 'a'), version(2, 'b')], 'mine', 'main.py', 'b')).toEqual(['a'])
  })
  test('is nothing of a file that is new', () => expect(pastOf([version(1, 'a')], 'mine', 'b.py', '')).toEqual([]))
})

test('a version says in lines what is other', () => {
  const files = (...lines: string[]) => [{ path: 'a', content: lines.join('\n') }]
  expect(changeOf(files('one', 'two', 'two'), files('one', 'two', 'three', 'four'))).toEqual({ added: 2, removed: 1 })
  expect(changeOf(files('one'), [...files('one'), { path: 'b', content: 'x\ny' }])).toEqual({ added: 2, removed: 0 })
})
