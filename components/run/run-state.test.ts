import { describe, expect, test } from 'vitest'
import { AppError } from '../../protocol/errors.ts'
import { RunId } from '../../protocol/ids.ts'
import { defaultLimits } from '../../protocol/limits.ts'
import type { RunEvent } from '../../protocol/run.ts'
import { isUnderWay, phaseOf, type RunState, refusalOf, runReducer } from './run-state.ts'

const run = {
  run_id: RunId.parse('k7Vb2mXq9RwTz4HnPs6JcYdF'),
  language: 'python',
  version: '3.13',
  limits: defaultLimits,
  created_at: '2026-11-23T20:00:00.000Z',
  files: [],
  tty: null,
  only: [],
}
const started: RunEvent = { seq: 0, at: 3, type: 'started', stage: 'run' }
const hello: RunEvent = { seq: 1, at: 5, type: 'output', stage: 'run', stream: 'stdout', text: 'hello\n' }
const finished: RunEvent = {
  seq: 2,
  at: 9,
  type: 'finished',
  verdict: { kind: 'exited', exit_code: 0 },
  exit_code: 0,
  signal: null,
  oom: false,
  usage: { cpu_ms: 4, memory_peak_bytes: 1000 },
  duration_ms: 6,
  stdout_bytes: 6,
  stderr_bytes: 0,
  truncated: { stdout: false, stderr: false },
}
const following = runReducer({ kind: 'starting' }, { type: 'found', run })
const given = (state: RunState, ...events: RunEvent[]) => runReducer(state, { type: 'events', runId: run.run_id, events })

test.each<[string, RunState, string, boolean]>([
  ['nothing has been run', { kind: 'none' }, 'none', false],
  ['the request is on its way', { kind: 'starting' }, 'starting', true],
  ['the server accepted it and no sandbox is free', following, 'waiting', true],
  ['the compiler runs', given(following, { ...started, stage: 'compile' } as RunEvent), 'compiling', true],
  ['the program runs', given(following, started), 'running', true],
  ['the program has ended', given(following, started, hello, finished), 'ended', false],
])('when %s', (_, state, phase, underWay) => {
  expect(phaseOf(state)).toBe(phase)
  expect(isUnderWay(phaseOf(state))).toBe(underWay)
})

describe('events', () => {
  test('of another run are not taken', () => {
    expect(runReducer(following, { type: 'events', runId: 'other', events: [started] })).toBe(following)
  })
  test('that came before change nothing', () => {
    const state = given(following, started, hello)
    expect(given(state, started, hello)).toBe(state)
  })
  test('mean that the connection is back', () => {
    const lost = runReducer(given(following, started), { type: 'link', link: 'reconnecting' })
    expect(given(lost, hello)).toMatchObject({ link: 'live' })
  })
  test('before the run is known are not taken', () => expect(given({ kind: 'starting' }, started)).toEqual({ kind: 'starting' }))
})

test('a refusal keeps the words of the server', () => {
  const error = new AppError('invalid', 'Not like this.', { issues: [{ path: 'code', message: 'Give some.' }] })
  expect(refusalOf(error)).toEqual({
    code: 'invalid',
    message: 'Not like this.',
    issues: [{ path: 'code', message: 'Give some.' }],
  })
})
test('an error of the page does not show its inner words', () =>
  expect(refusalOf(new TypeError('x is not a function')).message).not.toContain('x is'))
