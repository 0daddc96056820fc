import { describe, expect, test } from 'vitest'
import type { StackFrame, ThreadStack } from '../../protocol/diagnostic.ts'
import { defaultLimits } from '../../protocol/limits.ts'
import { quietExit } from '../testing/quiet-exit.ts'
import type { AskForStacks, Exit } from './frames.ts'
import { endedByQuestion, stuckAt } from './stacks.ts'

const frame = (file: string, line: number, library = false): StackFrame => ({ file, line, library })
const answer: ThreadStack[] = [{ thread: 'goroutine 1', frames: [frame('main.go', 7)] }]
const onStderr: AskForStacks = { signal: 3, from: 'stderr' }

describe('a program that was asked for its stacks ended of it when', () => {
  test.each<[string, Partial<Exit>, AskForStacks, ThreadStack[], 'wall' | 'cpu' | null]>([
    ['it answered on a stream and left with a code', { exitCode: 2 }, onStderr, answer, 'wall'],
    ['it died of the signal', { exitCode: null, signal: 3 }, onStderr, [], 'wall'],
    ['not when it ended well', { exitCode: 0 }, onStderr, answer, null],
    ['not when it failed and there is no answer', { exitCode: 2 }, onStderr, [], null],
    ['not when it died of another signal', { exitCode: null, signal: 11 }, onStderr, [], null],
    ['not when it answered where it goes on afterwards', { exitCode: 1 }, { signal: 0, from: 'control' }, answer, null],
    ['not when nobody had asked it', { exitCode: 2, asked: false }, onStderr, answer, null],
    ['not when it was stopped for something else', { exitCode: null, signal: 9, stoppedBy: 'cancel' }, onStderr, answer, null],
    ['its CPU time was nearer its end', { exitCode: 2, cpuMs: 9_700, wallMs: 7_000 }, onStderr, answer, 'cpu'],
  ])('%s', (_, exit, ask, stacks, clock) => {
    const facts = { ...quietExit, asked: true, wallMs: 9_610, cpuMs: 100, ...exit }
    expect(endedByQuestion(facts, ask, stacks, defaultLimits)).toBe(clock)
  })

  test('never, when it cannot be asked', () => {
    expect(endedByQuestion({ ...quietExit, exitCode: 2 }, null, answer, defaultLimits)).toBeNull()
  })
})

describe('where a program is stuck', () => {
  const worker: ThreadStack = { thread: 'Thread-1', frames: [frame('worker.py', 3)] }
  const main = (...frames: StackFrame[]): ThreadStack => ({ thread: 'MainThread', frames })

  test('is the innermost frame of its own in its main thread', () => {
    const stacks = [worker, main(frame('/usr/lib/time.py', 9, true), frame('main.py', 7), frame('main.py', 12))]
    expect(stuckAt(stacks)).toEqual(frame('main.py', 7))
  })

  test('is in another thread when the main one has no frame of its own', () => {
    expect(stuckAt([main(frame('/usr/lib/a.py', 9, true)), worker])).toEqual(frame('worker.py', 3))
  })

  test('is nowhere when no frame is its own', () => {
    expect(stuckAt([main(frame('/usr/lib/a.py', 9, true))])).toBeUndefined()
    expect(stuckAt([])).toBeUndefined()
  })

  test.each(['main', '"main" #1 prio=5', 'goroutine 1 [running]', 'MainThread', 'Main thread'])(
    '%s is a main thread',
    (thread) => {
      expect(stuckAt([worker, { thread, frames: [frame('m', 1)] }])).toEqual(frame('m', 1))
    },
  )

  test('goroutine 18 is no main thread', () => {
    expect(stuckAt([worker, { thread: 'goroutine 18 [select]', frames: [frame('m', 1)] }])).toEqual(frame('worker.py', 3))
  })
})
