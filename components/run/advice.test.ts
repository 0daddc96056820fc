import { describe, expect, test } from 'vitest'
import { defaultLimits, MiB } from '../../protocol/limits.ts'
import type { Ending, Verdict } from '../../protocol/run.ts'
import { adviceOf } from './advice.ts'

const ending = (verdict: Verdict, more: Partial<Ending> = {}): Ending => ({
  verdict,
  exit_code: null,
  signal: null,
  oom: false,
  usage: { cpu_ms: 1, memory_peak_bytes: 1 },
  duration_ms: 1,
  stdout_bytes: 0,
  stderr_bytes: 0,
  truncated: { stdout: false, stderr: false },
  ...more,
})
const label = (verdict: Verdict, limits = defaultLimits, more: Partial<Ending> = {}) =>
  adviceOf(ending(verdict, more), limits, ['main.py'])?.label ?? null

describe('what to do about an ending', () => {
  test.each<[string, Verdict, string | null]>([
    ['its time was up', { kind: 'time-limit', clock: 'wall' }, 'Raise the limit to 60 s'],
    ['its processor time was up', { kind: 'time-limit', clock: 'cpu' }, 'Raise the limit to 60 s'],
    ['it used all memory there is', { kind: 'memory-limit' }, '256 MiB is as much as a program may use here.'],
    [
      'it wrote too much',
      { kind: 'output-limit', stream: 'stdout' },
      'What it wrote until then is kept. Print less to see the end.',
    ],
    ['our server died', { kind: 'interrupted' }, 'Run it again'],
    ['we failed', { kind: 'sandbox-failed', incident: '1' }, 'Run it again'],
    ['it was stopped', { kind: 'cancelled', by: 'user' }, null],
    ['it ended well', { kind: 'exited', exit_code: 0 }, null],
  ])('where %s', (_, verdict, expected) => expect(label(verdict)).toBe(expected))

  test('where the limit was a person’s own, is a higher one', () => {
    expect(adviceOf(ending({ kind: 'memory-limit' }), { ...defaultLimits, memory_bytes: 64 * MiB }, [])).toEqual({
      kind: 'raise',
      label: 'Raise the limit to 256 MiB',
      limits: { memory_bytes: 256 * MiB },
    })
  })

  test('where it is the highest already, is said so', () => {
    expect(label({ kind: 'time-limit', clock: 'wall' }, { ...defaultLimits, wall_time_ms: 60_000 })).toBe(
      '60 s is as long as a program may take here.',
    )
  })

  test('where an error has a place in the code, is to go there', () => {
    const diagnostics = [{ file: 'main.py', line: 3, column: 2, severity: 'error' as const, message: 'x' }]
    expect(adviceOf(ending({ kind: 'exited', exit_code: 1 }, { diagnostics }), defaultLimits, ['main.py'])).toEqual({
      kind: 'go',
      label: 'Go to main.py:3',
      place: { path: 'main.py', line: 3, column: 2 },
    })
  })

  test('where the error is in a library, is to go where the program called it', () => {
    const frames = [
      { file: '/usr/lib/x.py', line: 1, library: true },
      { file: 'main.py', line: 9, library: false },
    ]
    const diagnostics = [{ file: '/usr/lib/x.py', line: 1, severity: 'error' as const, message: 'x', frames }]
    expect(label({ kind: 'exited', exit_code: 1 }, defaultLimits, { diagnostics })).toBe('Go to main.py:9')
  })
})
