import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../protocol/run.ts'
import { applyEvents, emptyTranscript } from '../../protocol/transcript.ts'
import { atTheEnd, lengthOf, marksOf, positionAt, type Replay, replayReducer, transcriptAt } from './moment.ts'

const events: RunEvent[] = [
  { seq: 0, at: 100, type: 'started', stage: 'compile' },
  { seq: 1, at: 150, type: 'output', stage: 'compile', stream: 'stderr', text: 'warning\n' },
  { seq: 2, at: 200, type: 'started', stage: 'run' },
  { seq: 3, at: 300, type: 'output', stage: 'run', stream: 'stdout', text: 'name? ' },
  { seq: 4, at: 400, type: 'input', text: 'Ada\n' },
  {
    seq: 5,
    at: 500,
    type: 'finished',
    verdict: { kind: 'exited', exit_code: 0 },
    exit_code: 0,
    signal: null,
    oom: false,
    usage: { cpu_ms: 4, memory_peak_bytes: 1000 },
    duration_ms: 400,
    stdout_bytes: 6,
    stderr_bytes: 8,
    truncated: { stdout: false, stderr: false },
  },
]
const whole = applyEvents(emptyTranscript, events)
const textAt = (ms: number) => transcriptAt(whole, ms).chunks.map((chunk) => chunk.text)

describe('a moment of a run', () => {
  test.each<[string, number, string[]]>([
    ['before anything was written is empty', 0, []],
    ['holds what was written until then', 250, ['warning\n', 'name? ']],
    ['holds what is written in that very millisecond', 200, ['warning\n', 'name? ']],
    ['holds what was typed', 300, ['warning\n', 'name? ', 'Ada\n']],
    ['counts from the start of the program, not of the waiting', 49, []],
  ])('%s', (_, ms, texts) => expect(textAt(ms)).toEqual(texts))

  test('has no ending before the end, and all of it at the end', () => {
    expect(transcriptAt(whole, 399).ending).toBeNull()
    expect(transcriptAt(whole, 400)).toBe(whole)
    expect(transcriptAt(whole, 1e9)).toBe(whole)
  })

  test('knows its stage', () => {
    expect(transcriptAt(whole, 60).stage).toBe('compile')
    expect(transcriptAt(whole, 210).stage).toBe('run')
  })

  test('shares its chunks with every other moment, so a console can tell that it goes on', () => {
    expect(transcriptAt(whole, 250).chunks[0]).toBe(whole.chunks[0])
  })

  test('of a run that never started is its ending', () => {
    const failed = applyEvents(emptyTranscript, [{ ...events[5]!, seq: 0 } as RunEvent])
    expect(lengthOf(failed)).toBe(500)
    expect(transcriptAt(failed, 500).ending).not.toBeNull()
  })
})

describe('a replay', () => {
  const length = 400
  const standing: Replay = { position: 100, speed: 2, since: null }

  test('stands still until it is played', () => expect(positionAt(standing, 1e6, length)).toBe(100))
  test('runs at its speed', () => {
    const playing = replayReducer(standing, { type: 'play', now: 1000, length })
    expect(positionAt(playing, 1050, length)).toBe(200)
  })
  test('that nobody touched stays at the end, also of a run that is still growing', () => {
    expect(positionAt(atTheEnd, 0, length)).toBe(length)
    expect(positionAt(atTheEnd, 0, length * 2)).toBe(length * 2)
  })
  test('never runs past the end', () => {
    const playing = replayReducer(standing, { type: 'play', now: 1000, length })
    expect(positionAt(playing, 9999, length)).toBe(length)
  })
  test('begins again when it is played at the end', () => {
    const playing = replayReducer({ ...standing, position: length }, { type: 'play', now: 0, length })
    expect(positionAt(playing, 0, length)).toBe(0)
  })
  test('keeps its place when it is paused or changes speed', () => {
    const playing = replayReducer(standing, { type: 'play', now: 0, length })
    expect(replayReducer(playing, { type: 'pause', now: 50, length })).toEqual({ position: 200, speed: 2, since: null })
    const faster = replayReducer(playing, { type: 'speed', speed: 8, now: 50, length })
    expect(positionAt(faster, 50, length)).toBe(200)
    expect(positionAt(faster, 60, length)).toBe(280)
  })
  test('goes on playing from where it was moved to', () => {
    const playing = replayReducer(standing, { type: 'play', now: 0, length })
    expect(positionAt(replayReducer(playing, { type: 'seek', to: 20, now: 50, length }), 60, length)).toBe(40)
  })
  test('cannot be moved out of the run', () => {
    expect(replayReducer(standing, { type: 'seek', to: -5, now: 0, length }).position).toBe(0)
    expect(replayReducer(standing, { type: 'seek', to: 4000, now: 0, length }).position).toBe(length)
  })
})

describe('marks', () => {
  test('tell where something was written, to which stream, and where something was typed', () => {
    expect(marksOf(whole, 4)).toEqual([
      { characters: 8, error: true, input: false },
      { characters: 0, error: false, input: false },
      { characters: 6, error: false, input: false },
      { characters: 0, error: false, input: true },
    ])
  })
  test('of a run without length are all in the first stretch', () => {
    const instant = applyEvents(emptyTranscript, [
      { seq: 0, at: 5, type: 'started', stage: 'run' },
      { seq: 1, at: 5, type: 'output', stage: 'run', stream: 'stdout', text: 'x' },
    ])
    expect(marksOf(instant, 3).map((mark) => mark.characters)).toEqual([1, 0, 0])
  })
})
