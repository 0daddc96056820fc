import { expect, test } from 'vitest'
import { ActorId } from '../protocol/ids.ts'
import { defaultLimits } from '../protocol/limits.ts'
import { Run, type RunEvent } from '../protocol/run.ts'
import { applyEvents, emptyTranscript } from '../protocol/transcript.ts'
import { endingWith } from '../sandbox/fake.ts'
import { newRunId } from './run-id.ts'
import { runView, summaryView } from './run-view.ts'
import type { StoredRun } from './store.ts'

const run: StoredRun = {
  runId: newRunId(),
  actorId: ActorId.parse('a'),
  instance: 'i',
  language: 'python',
  version: '3.13',
  mode: 'run',
  only: [],
  flags: {},
  tty: null,
  artifacts: ['*.png'],
  files: [{ path: 'main.py', content: 'x' }],
  entry: 'main.py',
  stdin: '',
  args: [],
  env: { TOKEN: 'of the person who ran it' },
  limits: defaultLimits,
  image: 'bugghost/python:1',
  imageDigest: 'sha256:1',
  createdAt: new Date('2026-11-23T12:00:00.000Z'),
  ending: null,
  completedAt: null,
  name: 'the one that hangs',
  pinned: true,
  shared: false,
}
const events: RunEvent[] = [
  { seq: 0, at: 250, type: 'started', stage: 'run' },
  { seq: 1, at: 260, type: 'output', stage: 'run', stream: 'stdout', text: 'é' },
  { seq: 2, at: 270, type: 'output', stage: 'run', stream: 'stderr', text: 'e' },
  {
    seq: 3,
    at: 1250,
    type: 'finished',
    ...endingWith({ verdict: { kind: 'time-limit', clock: 'wall' }, exit_code: 137, duration_ms: 1000, stdout_bytes: 9 }),
  },
]
const view = (count: number) =>
  runView(run, applyEvents(emptyTranscript, events.slice(0, count)), { compiles: false, publicUrl: 'https://b.example' })

test('a finished run says how it ended and when everything was', () => {
  expect(Run.parse(view(4))).toMatchObject({
    status: 'timeout',
    message: 'Stopped after 10 s',
    stdout: 'é',
    stderr: 'e',
    stdout_bytes: 9,
    queued_ms: 250,
    duration_ms: 1000,
    started_at: '2026-11-23T12:00:00.250Z',
    completed_at: '2026-11-23T12:00:01.250Z',
    url: `https://b.example/r/${run.runId}`,
  })
})

test('a run under way says what is known so far', () => {
  expect(Run.parse(view(0))).toMatchObject({
    status: 'queued',
    started_at: null,
    completed_at: null,
    verdict: null,
    message: 'Waiting for a sandbox',
  })
  expect(Run.parse(view(2))).toMatchObject({ status: 'running', stdout_bytes: 2, duration_ms: null, message: 'Running' })
})

test('the environment of a run is nobody’s business', () => expect(JSON.stringify(view(4))).not.toContain('TOKEN'))

test('only languages that compile have a compiler’s output', () => {
  expect(view(4)).not.toHaveProperty('compile_output')
  expect(runView(run, emptyTranscript, { compiles: true, publicUrl: '' }).compile_output).toBe('')
})

test('a history line of a run without an ending says what this server knows', () => {
  expect(summaryView({ ...run, excerpt: 'x' }, 'queued', '')).toMatchObject({ status: 'queued', verdict: null, excerpt: 'x' })
})

test('a program that did not compile has the compiler’s stderr as its own, for those who read nothing else', () => {
  const failed: RunEvent[] = [
    { seq: 0, at: 1, type: 'started', stage: 'compile' },
    { seq: 1, at: 2, type: 'output', stage: 'compile', stream: 'stderr', text: 'Main.java:1: error\n' },
    {
      seq: 2,
      at: 3,
      type: 'finished',
      verdict: { kind: 'compile-failed', exit_code: 1 },
      exit_code: 1,
      signal: null,
      oom: false,
      usage: { cpu_ms: 1, memory_peak_bytes: 1 },
      duration_ms: 1,
      stdout_bytes: 0,
      stderr_bytes: 0,
      truncated: { stdout: false, stderr: false },
    },
  ]
  const shown = runView(run, applyEvents(emptyTranscript, failed), { compiles: true, publicUrl: '' })
  expect(shown.stderr).toBe('Main.java:1: error\n')
  expect(shown.compile_output).toBe('Main.java:1: error\n')
})

test('a file the program left is listed with its address, and its bytes stay out of the run', () => {
  const plot: RunEvent = {
    seq: 1,
    at: 2,
    type: 'artifact',
    path: 'out/a b.png',
    media_type: 'image/png',
    bytes: 3,
    content: 'AAAA',
  }
  const shown = runView(run, applyEvents(emptyTranscript, [events[0]!, plot]), {
    compiles: false,
    publicUrl: 'https://b.example',
  })
  expect(shown.artifacts).toEqual([
    {
      path: 'out/a b.png',
      media_type: 'image/png',
      bytes: 3,
      url: `https://b.example/api/runs/${run.runId}/artifacts/out/a%20b.png`,
    },
  ])
})
