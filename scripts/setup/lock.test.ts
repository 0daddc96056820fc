import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeLock } from './lock.mjs'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
  path = join(folder, 'builds.lock')
})
afterEach(() => rm(folder, { recursive: true }))

/** A process that has taken the lock, and its ways to end. */
async function holder() {
  const script = `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.mjs'))}
    const giveBack = await takeLock(${JSON.stringify(path)})
    console.log('held')
    process.stdin.once('end', () => { giveBack(); console.log('given back') }).resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return {
    pid: child.pid,
    giveBack() {
      child.stdin.end()
      return ended
    },
    die() {
      child.kill('SIGKILL')
      return ended
    },
  }
}

test('one that is free is taken at once, and given back it leaves nothing behind', async () => {
  const giveBack = await takeLock(path)
  expect(existsSync(path)).toBe(true)
  giveBack()
  expect(await readdir(folder)).toEqual([])
})

test('one that is held is waited for, and who holds it is told once', async () => {
  const other = await holder()
  const told: number[] = []
  const asked = Promise.withResolvers<void>()
  const lock = takeLock(path, {
    onWait(pid) {
      told.push(pid)
      asked.resolve()
    },
  })
  await asked.promise
  await other.giveBack()
  const giveBack = await lock
  giveBack()
  expect(told).toEqual([other.pid])
})

test('a holder that was killed holds nothing', async () => {
  const other = await holder()
  await other.die()
  expect(existsSync(path)).toBe(true)
  const giveBack = await takeLock(path, { onWait: () => expect.unreachable() })
  giveBack()
  expect(await readdir(folder)).toEqual([])
})

test('who is told to end while waiting waits no more', async () => {
  const other = await holder()
  const ending = new AbortController()
  const lock = takeLock(path, { onWait: () => ending.abort(new Error('enough')), signal: ending.signal })
  await expect(lock).rejects.toThrow()
  await other.giveBack()
})

test('a file that is no lock says what to do about it', async () => {
  await writeFile(path, 'not a lock')
  await expect(takeLock(path)).rejects.toThrow(/remove it/)
})
