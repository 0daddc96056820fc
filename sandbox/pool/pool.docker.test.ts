import { expect, test } from 'vitest'
import { MiB } from '../../protocol/limits.ts'
import { languages, openTestExecutor, runProgram } from '../testing/real-executor.ts'

const patience = { timeout: 60_000, interval: 100 }

test('fifty runs at once of two visitors all end well, and the one with few is not kept by the one with many', async () => {
  await using executor = await openTestExecutor({ maxRunning: 4, maxQueued: 200 })
  const finished: string[] = []
  const run = async (owner: string, nth: number) => {
    const { verdict, stdout } = await runProgram(executor, 'python', `print("${owner} ${nth}")`, { owner })
    finished.push(owner)
    expect(verdict).toEqual({ kind: 'exited', exit_code: 0 })
    expect(stdout).toBe(`${owner} ${nth}\n`)
  }
  await Promise.all([
    ...Array.from({ length: 45 }, (_, nth) => run('many', nth)),
    ...Array.from({ length: 5 }, (_, nth) => run('few', nth)),
  ])
  // Asked for last. In turn they would be among the first ten, and four had begun before.
  expect(finished.lastIndexOf('few')).toBeLessThan(25)
  expect(executor.state().sandboxes).toMatchObject({ running: 0, queued: 0 })
  expect(executor.complaints).toEqual([])
}, 120_000)

test('a visitor whose part of the queue is full is refused, and another is served', async () => {
  await using executor = await openTestExecutor({ maxRunning: 1, maxQueued: 4, maxQueuedPerOwner: 1 })
  const pass = 'import time; time.sleep(1)'
  const first = runProgram(executor, 'python', pass, { owner: 'ann' })
  // Its place and her part of the queue are taken with the call itself.
  const second = runProgram(executor, 'python', pass, { owner: 'ann' })
  await expect(async () => runProgram(executor, 'python', pass, { owner: 'ann' })).rejects.toMatchObject({
    code: 'too-many-requests',
  })
  const others = runProgram(executor, 'python', 'print(1)', { owner: 'bob' })
  expect((await Promise.all([first, second, others])).map(({ verdict }) => verdict.kind)).toEqual(['exited', 'exited', 'exited'])
})

test('what was used is ready for the next time, also with limits nothing waited for before', async () => {
  const python = languages.filter(({ id }) => id === 'python').slice(0, 1)
  const floor = python[0]?.manifest.warm_sandboxes ?? 0
  await using executor = await openTestExecutor({ languages: python, warm: undefined })
  const unusual = { limits: { memory_bytes: 100 * MiB } }
  await expect.poll(() => executor.state().sandboxes.waiting, patience).toBe(floor)
  await runProgram(executor, 'python', 'print(1)', unusual)
  await expect.poll(() => executor.state().sandboxes.waiting, patience).toBe(floor + 1)
  expect((await runProgram(executor, 'python', 'print(2)', unusual)).stdout).toBe('2\n')
  expect(executor.complaints).toEqual([])
})
