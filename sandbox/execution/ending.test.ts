import { describe, expect, test } from 'vitest'
import { defaultLimits, MiB } from '../../protocol/limits.ts'
import type { LimitReached, Verdict } from '../../protocol/run.ts'
import { quietExit } from '../testing/quiet-exit.ts'
import { endingOf, limitOf, type Remains } from './ending.ts'
import type { Exit } from './frames.ts'

const limits = { ...defaultLimits, processes: 16 }

test.each<[string, Verdict, Partial<Exit>, LimitReached | undefined]>([
  [
    'wall time',
    { kind: 'time-limit', clock: 'wall' },
    { wallMs: 10_002.0004 },
    { name: 'wall_time_ms', stage: 'run', value: 10_000, used: 10_002 },
  ],
  [
    'CPU time of the compiler',
    { kind: 'time-limit', clock: 'cpu' },
    { stage: 'compile', cpuMs: 30_050 },
    { name: 'cpu_time_ms', stage: 'compile', value: 30_000, used: 30_050 },
  ],
  [
    'memory the kernel counted to the last byte, though nobody looked at that moment',
    { kind: 'memory-limit' },
    { oomKilled: true, memoryPeakBytes: 200 * MiB },
    { name: 'memory_bytes', stage: 'run', value: 256 * MiB, used: 256 * MiB },
  ],
  [
    'memory of a runtime that gave up before the kernel had to',
    { kind: 'memory-limit' },
    { memoryPeakBytes: 180 * MiB },
    { name: 'memory_bytes', stage: 'run', value: 256 * MiB, used: 180 * MiB },
  ],
  [
    'output of both streams',
    { kind: 'output-limit', stream: 'stderr' },
    { stage: 'compile', stdoutBytes: 200_000, stderrBytes: 100_000 },
    { name: 'output_bytes', stage: 'compile', value: 256 * 1024, used: 300_000 },
  ],
  ['processes', { kind: 'process-limit' }, {}, { name: 'processes', stage: 'run', value: 16, used: 16 }],
  ['nothing', { kind: 'signaled', signal: 'SIGSEGV' }, { signal: 11 }, undefined],
])('the limit that was reached: %s', (_, verdict, exit, limit) => {
  expect(limitOf(verdict, { ...quietExit, ...exit }, limits)).toEqual(limit)
})

describe('an ending', () => {
  const remains = (change: Partial<Remains>): Remains => ({
    verdict: { kind: 'exited', exit_code: 0 },
    exits: [{ ...quietExit, last: true }],
    limits,
    diagnostics: [],
    stacks: [],
    tests: null,
    notes: [],
    ...change,
  })
  const stacks = [{ thread: 'main', frames: [{ file: 'main.py', line: 7, function: 'wait', library: false }] }]

  test('of which there is nothing to say says nothing more', () => {
    expect(Object.keys(endingOf(remains({})))).toEqual(
      'verdict exit_code signal oom usage duration_ms stdout_bytes stderr_bytes truncated'.split(' '),
    )
  })

  test('at a time limit says where the program was stuck', () => {
    const exits: Exit[] = [{ ...quietExit, exitCode: null, signal: 9, stoppedBy: 'wall-time', wallMs: 10_001 }]
    expect(endingOf(remains({ verdict: { kind: 'time-limit', clock: 'wall' }, exits, stacks }))).toMatchObject({
      verdict: { kind: 'time-limit', clock: 'wall', stuck_at: { file: 'main.py', line: 7, function: 'wait' } },
      stacks,
      limit: { name: 'wall_time_ms' },
    })
  })

  test('of another kind has no stacks, whatever came', () => {
    expect(endingOf(remains({ stacks }))).not.toHaveProperty('stacks')
  })

  test('before any stage ended has no exit code and no limit', () => {
    expect(endingOf(remains({ verdict: { kind: 'sandbox-failed', incident: 'i' }, exits: [] }))).toMatchObject({
      exit_code: null,
      signal: null,
      usage: { cpu_ms: 0, memory_peak_bytes: 0 },
    })
  })
})
