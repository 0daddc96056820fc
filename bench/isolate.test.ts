import { expect, test } from 'vitest'
import { isolateArguments } from './isolate.ts'

test('isolate sees the file system of the image and nothing of the machine, and gets the whole environment', () => {
  const words = isolateArguments('/tmp/root', { argv: ['python3', 'main.py'], env: { HOME: '/tmp' } })
  const folders = words.filter((word) => word.startsWith('--dir='))
  expect(words).toContain('--no-default-dirs')
  expect(folders.filter((word) => !/=\/tmp\/root\/|=\.\/box|^--dir=(dev|tmp):|=proc:fs/.test(word))).toEqual([])
  expect(words).toContain('--env=HOME=/tmp')
  expect(words.slice(words.indexOf('--run'))).toEqual(['--run', '--', '/usr/bin/env', 'python3', 'main.py'])
})
