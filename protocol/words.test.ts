import { expect, test } from 'vitest'
import { defaultLimits, MiB } from './limits.ts'
import type { Ending, Verdict } from './run.ts'
import { bytes, headlineOf, messageOf, seconds, statusOf } from './words.ts'

test.each<[Verdict, string, string]>([
  [{ kind: 'exited', exit_code: 0 }, 'completed', 'Finished'],
  [{ kind: 'exited', exit_code: 1 }, 'error', 'Exited with code 1'],
  [{ kind: 'signaled', signal: 'SIGSEGV' }, 'error', 'Ended by SIGSEGV (it touched memory that is not its own)'],
  [{ kind: 'signaled', signal: 'SIGSTKFLT' }, 'error', 'Ended by SIGSTKFLT'],
  [{ kind: 'compile-failed', exit_code: 1 }, 'error', 'Did not compile'],
  [{ kind: 'time-limit', clock: 'wall' }, 'timeout', 'Stopped after 10 s'],
  [{ kind: 'time-limit', clock: 'cpu' }, 'timeout', 'Stopped after 10 s of processor time'],
  [{ kind: 'memory-limit' }, 'error', 'Stopped: used more than 256 MiB of memory'],
  [{ kind: 'output-limit', stream: 'stdout' }, 'error', 'Stopped: wrote more than 1 MiB of output'],
  [{ kind: 'process-limit' }, 'error', 'Failed: needed more than 128 processes and threads at once'],
  [{ kind: 'cancelled', by: 'user' }, 'cancelled', 'Stopped by hand'],
  [{ kind: 'cancelled', by: 'client' }, 'cancelled', 'Stopped: the caller went away'],
  [{ kind: 'cancelled', by: 'shutdown' }, 'cancelled', 'Stopped: the server was shut down'],
  [{ kind: 'interrupted' }, 'error', 'Interrupted: the server stopped while the program was running. Run it again'],
])('%j is %s: %s', (verdict, status, message) => {
  expect(statusOf(verdict)).toBe(status)
  expect(messageOf({ verdict }, defaultLimits)).toBe(message)
})

test('our own failure says whose fault it is, what to do, and which number to quote', () => {
  const message = messageOf({ verdict: { kind: 'sandbox-failed', incident: '1a2b3c4d' } }, defaultLimits)
  expect(message).toMatch(/not your program.*Run it again.*1a2b3c4d/)
})

test('a message names the limit of the run, not the usual one', () => {
  const limits = { ...defaultLimits, wall_time_ms: 2_500, memory_bytes: 64 * MiB, output_bytes: 2_048 }
  expect(messageOf({ verdict: { kind: 'time-limit', clock: 'wall' } }, limits)).toBe('Stopped after 2.5 s')
  expect(messageOf({ verdict: { kind: 'memory-limit' } }, limits)).toContain('64 MiB')
  expect(messageOf({ verdict: { kind: 'output-limit', stream: 'stderr' } }, limits)).toContain('2 KiB')
})

test('the headline of a program that ended by itself says in what time', () => {
  const ending = { verdict: { kind: 'exited', exit_code: 3 }, duration_ms: 123.4 } as Ending
  expect(headlineOf(ending, defaultLimits)).toBe('Exited with code 3 in 0.12 s')
  expect(headlineOf({ ...ending, verdict: { kind: 'memory-limit' } }, defaultLimits)).not.toContain('0.12')
})

test.each([
  [0, '0 s'],
  [4, '4 ms'],
  [0.2, '1 ms'],
  [123, '0.12 s'],
  [9_994, '9.99 s'],
  [10_000, '10 s'],
  [59_960, '60 s'],
])('%d ms is %s', (ms, text) => expect(seconds(ms)).toBe(text))

test.each([
  [0, '0 bytes'],
  [1_023, '1023 bytes'],
  [1_536, '1.5 KiB'],
  [MiB, '1 MiB'],
  [8.3 * MiB, '8.3 MiB'],
])('%d bytes is %s', (count, text) => expect(bytes(count)).toBe(text))
