import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const leash = join(import.meta.dirname, 'leash.ts')
const program = 'console.log(process.pid); setInterval(() => {}, 1000)'
/** Somebody who starts the program on a leash, and does nothing else. */
const owner = `
  const { spawn } = require('node:child_process')
  spawn(process.execPath, [${JSON.stringify(leash)}, process.execPath, '-e', ${JSON.stringify(program)}], { stdio: ['pipe', 'inherit', 'inherit'] })
`
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.each(['SIGKILL', 'SIGTERM'] as const)('a program does not outlive its owner who ends by %s', async (signal) => {
  const running = spawn(process.execPath, ['-e', owner], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: running.stdout }), 'line')
  const pid = Number(line)
  expect(lives(pid)).toBe(true)
  running.kill(signal)
  await expect.poll(() => lives(pid), { timeout: 10_000 }).toBe(false)
})
