import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { lives, markOf } from './process-mark.mjs'

test('a process lives until it has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = once(child, 'exit')
  const mark = markOf(child.pid ?? 0)
  expect(lives(mark)).toBe(true)
  child.stdin?.end()
  await ended
  expect(lives(mark)).toBe(false)
})

test('a later process with the same number is another one', () => {
  const mark = markOf(process.pid)
  expect(lives(mark)).toBe(true)
  expect(lives({ ...mark, started: 'in another boot' })).toBe(false)
})
