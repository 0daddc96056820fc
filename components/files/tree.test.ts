import { expect, test } from 'vitest'
import { folderOf, pathIn, treeOf } from './tree.ts'

test('paths are a tree: folders first, each by name, numbers by their size', () => {
  const tree = treeOf(['main.py', 'lib/b10.py', 'lib/b9.py', 'lib/deep/x.py', 'a.txt'].map((path) => ({ path })))
  expect(tree.get('')?.children).toEqual(['lib', 'a.txt', 'main.py'])
  expect(tree.get('lib')?.children).toEqual(['lib/deep', 'lib/b9.py', 'lib/b10.py'])
  expect(tree.get('lib/deep')).toEqual({ path: 'lib/deep', name: 'deep', kind: 'folder', children: ['lib/deep/x.py'] })
})

test('what is moved keeps its name', () => {
  expect(pathIn('lib', 'a/b.py')).toBe('lib/b.py')
  expect(pathIn('', 'a/b.py')).toBe('b.py')
  expect(folderOf('a/b/c')).toBe('a/b')
  expect(folderOf('c')).toBe('')
})
