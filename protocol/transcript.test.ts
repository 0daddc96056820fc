import { describe, expect, test } from 'vitest'
import type { Ending, RunEvent } from './run.ts'
import { applyEvent, applyEvents, emptyTranscript, outputOf } from './transcript.ts'

const ending: Ending = {
  verdict: { kind: 'exited', exit_code: 0 },
  exit_code: 0,
  signal: null,
  oom: false,
  usage: { cpu_ms: 3, memory_peak_bytes: 9_000_000 },
  duration_ms: 12,
  stdout_bytes: 4,
  stderr_bytes: 1,
  truncated: { stdout: false, stderr: false },
}
const events: RunEvent[] = [
  { seq: 0, at: 2, type: 'started', stage: 'compile' },
  { seq: 1, at: 3, type: 'output', stage: 'compile', stream: 'stderr', text: 'note\n' },
  { seq: 2, at: 5, type: 'started', stage: 'run' },
  { seq: 3, at: 6, type: 'output', stage: 'run', stream: 'stdout', text: 'a' },
  { seq: 4, at: 7, type: 'input', text: 'typed\n' },
  { seq: 5, at: 8, type: 'output', stage: 'run', stream: 'stderr', text: '!' },
  { seq: 6, at: 9, type: 'signal', signal: 'SIGINT' },
  { seq: 7, at: 10, type: 'input-end' },
  { seq: 8, at: 11, type: 'output', stage: 'run', stream: 'stdout', text: 'b' },
  { seq: 9, at: 12, type: 'usage', stage: 'run', cpu_ms: 2, memory_bytes: 7_000_000 },
  { seq: 10, at: 12, type: 'resize', columns: 100, rows: 40 },
  { seq: 11, at: 13, type: 'artifact', path: 'plot.png', media_type: 'image/png', bytes: 3, content: 'AAAA' },
  { seq: 12, at: 14, type: 'finished', ...ending },
]
const whole = applyEvents(emptyTranscript, events)

test('a transcript holds what was shown, in order, and how it ended', () => {
  expect(whole).toEqual({
    nextSeq: 13,
    chunks: [
      { at: 3, stage: 'compile', source: 'stderr', text: 'note\n' },
      { at: 6, stage: 'run', source: 'stdout', text: 'a' },
      { at: 7, stage: 'run', source: 'input', text: 'typed\n' },
      { at: 8, stage: 'run', source: 'stderr', text: '!' },
      { at: 11, stage: 'run', source: 'stdout', text: 'b' },
    ],
    startedAt: 2,
    stage: 'run',
    inputEnded: true,
    terminal: { columns: 100, rows: 40 },
    usage: [{ at: 12, stage: 'run', cpu_ms: 2, memory_bytes: 7_000_000 }],
    artifacts: [{ path: 'plot.png', media_type: 'image/png', bytes: 3 }],
    ending,
    at: 14,
  })
})

describe('deliveries', () => {
  test('one event at a time, or all at once, make the same transcript', () => {
    expect(events.reduce(applyEvent, emptyTranscript)).toEqual(whole)
  })

  test('overlapping deliveries double nothing, wherever they overlap', () => {
    for (let first = 0; first <= events.length; first++) {
      for (let second = 0; second <= first; second++) {
        const transcript = applyEvents(applyEvents(emptyTranscript, events.slice(0, first)), events.slice(second))
        expect(transcript).toEqual(whole)
      }
    }
  })

  test('a gap ends the fold before it, so that the reader can ask for what is missing', () => {
    const transcript = applyEvents(emptyTranscript, [...events.slice(0, 3), ...events.slice(5)])
    expect(transcript).toEqual(applyEvents(emptyTranscript, events.slice(0, 3)))
    expect(applyEvents(transcript, events.slice(transcript.nextSeq))).toEqual(whole)
  })

  test('an earlier transcript is not changed by what comes after', () => {
    const before = applyEvents(emptyTranscript, events.slice(0, 4))
    const copy = structuredClone(before)
    applyEvents(before, events)
    expect(before).toEqual(copy)
  })
})

test('what a stage wrote is told by stream, or both in the order they came; what was typed is not output', () => {
  expect(outputOf(whole, 'run', 'stdout')).toBe('ab')
  expect(outputOf(whole, 'run', 'stderr')).toBe('!')
  expect(outputOf(whole, 'run')).toBe('a!b')
  expect(outputOf(whole, 'compile')).toBe('note\n')
})
