import { describe, expect, test } from 'vitest'
import type { Stage, Stream } from '../../protocol/run.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { createOutput, mergeMs } from './output.ts'

type Written = { at: number; stage: Stage; stream: Stream; text: string }

function record() {
  const events: Written[] = []
  const output = createOutput(({ type, ...event }) => void events.push(event))
  return {
    events,
    ...output,
    get dueAt() {
      return output.dueAt
    },
    write: (bytes: Uint8Array | string, at = 0, stream: Stream = 'stdout', stage: Stage = 'run') =>
      output.write(stage, stream, Buffer.from(bytes), at),
    text: (stream: Stream = 'stdout', stage: Stage = 'run') =>
      events.flatMap((event) => (event.stream === stream && event.stage === stage ? [event.text] : [])).join(''),
  }
}

describe('text', () => {
  const everyLength = 'aé€😀\u{10FFFF}日本語\r\n\u001b[31m'

  test('is whole wherever the bytes are split', () => {
    const bytes = Buffer.from(everyLength)
    for (let at = 0; at <= bytes.length; at++) {
      const output = record()
      output.write(bytes.subarray(0, at))
      output.write(bytes.subarray(at), 1)
      output.endStage('run', 2)
      expect(output.text()).toBe(everyLength)
      for (const { text } of output.events) expect(text).not.toContain('\u{FFFD}')
    }
  })

  test('is whole when it comes byte by byte, in turns with the other stream', () => {
    const output = record()
    for (const [at, byte] of [...Buffer.from('é😀')].entries()) {
      output.write(Buffer.of(byte), at, 'stdout')
      output.write(Buffer.of(byte), at, 'stderr')
    }
    output.endStage('run', 9)
    expect(output.text('stdout')).toBe('é😀')
    expect(output.text('stderr')).toBe('é😀')
  })

  test.each([
    ['a stray continuation byte', [0x61, 0x80, 0x62], 'a\u{FFFD}b'],
    ['a byte that starts nothing', [0xff], '\u{FFFD}'],
    ['a character that breaks off', [0xe2, 0x82, 0x61], '\u{FFFD}a'],
    ['an overlong slash', [0xc0, 0xaf], '\u{FFFD}\u{FFFD}'],
    ['half a surrogate pair', [0xed, 0xa0, 0x80], '\u{FFFD}\u{FFFD}\u{FFFD}'],
    ['NUL, which no database and no terminal takes', [0x61, 0, 0x62], 'a\u{FFFD}b'],
  ])('shows %s as U+FFFD', (_, bytes, shown) => {
    const output = record()
    output.write(Uint8Array.from(bytes))
    output.endStage('run', 1)
    expect(output.text()).toBe(shown)
  })

  test('shows a character the program never finished as U+FFFD once its stage has ended', () => {
    const output = record()
    output.write(Buffer.from('é').subarray(0, 1))
    expect(output.events).toEqual([])
    output.endStage('run', 5)
    expect(output.text()).toBe('\u{FFFD}')
    output.endStage('run', 6)
    expect(output.text()).toBe('\u{FFFD}')
  })

  test('of one stage does not complete a character of another', () => {
    const output = record()
    output.write(Buffer.from('é').subarray(0, 1), 0, 'stderr', 'compile')
    output.endStage('compile', 1)
    output.write(Buffer.from('é').subarray(1), 2, 'stderr', 'run')
    output.endStage('run', 3)
    expect(output.text('stderr', 'compile')).toBe('\u{FFFD}')
    expect(output.text('stderr', 'run')).toBe('\u{FFFD}')
  })

  test('keeps a byte order mark: the program wrote it', () => {
    const output = record()
    output.write('\u{FEFF}a')
    expect(output.text()).toBe('\u{FEFF}a')
  })

  test.each([32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1])(
    'is cut into pieces that part no character (a pair after %i)',
    (before) => {
      const output = record()
      const text = `${'x'.repeat(before)}${'😀'.repeat(40_000)}`
      output.write(text)
      output.endStage('run', 1)
      expect(output.text()).toBe(text)
      for (const event of output.events) {
        expect(event.text.length).toBeLessThanOrEqual(32 * 1024)
        expect(event.text.isWellFormed()).toBe(true)
      }
    },
  )
})

describe('pieces', () => {
  test('that come after a pause are shown at once', () => {
    const output = record()
    output.write('a', 0)
    output.write('b', mergeMs)
    expect(output.events.map(({ text, at }) => [text, at])).toEqual([
      ['a', 0],
      ['b', mergeMs],
    ])
    expect(output.dueAt).toBeUndefined()
  })

  test('that follow closely become one event, with the time of the first', () => {
    const output = record()
    output.write('a', 0)
    output.write('b', 1)
    output.write('c', 2)
    expect(output.dueAt).toBe(mergeMs)
    output.flush(mergeMs)
    expect(output.events.map(({ text, at }) => [text, at])).toEqual([
      ['a', 0],
      ['bc', 1],
    ])
  })

  test('of different streams stay apart, in their order', () => {
    const output = record()
    output.write('a', 0)
    output.write('b', 1, 'stderr')
    output.write('c', 2, 'stdout')
    output.endStage('run', 3)
    expect(output.events.map(({ text, stream }) => [text, stream])).toEqual([
      ['a', 'stdout'],
      ['b', 'stderr'],
      ['c', 'stdout'],
    ])
  })

  test('of different stages stay apart', () => {
    const output = record()
    output.write('a', 0, 'stderr', 'compile')
    output.write('b', 1, 'stderr', 'compile')
    output.write('c', 2, 'stderr', 'run')
    output.endStage('run', 3)
    expect(output.events.map(({ text, stage }) => [text, stage])).toEqual([
      ['a', 'compile'],
      ['b', 'compile'],
      ['c', 'run'],
    ])
  })

  test('of a program that never pauses make no more events than there are merging times', () => {
    const output = record()
    for (let at = 0; at < 1_000; at++) {
      if (output.dueAt !== undefined && output.dueAt <= at) output.flush(at)
      output.write('x', at)
    }
    expect(output.events.length).toBeLessThanOrEqual(Math.ceil(1_000 / mergeMs))
  })

  test('of nothing are no events', () => {
    const output = record()
    output.write('')
    output.flush(1)
    output.endStage('run', 2)
    expect(output.events).toEqual([])
  })
})

test('nothing is lost, doubled or moved, however it is written', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed)
    const output = record()
    const bytes: Record<Stream, number[]> = { stdout: [], stderr: [] }
    let at = 0
    for (let writes = 0; writes < 300; writes++) {
      at += random.pick([0, 0, 1, 5, mergeMs, 100])
      const stream = random.pick(['stdout', 'stderr'] as const)
      const piece = random.chance(0.2) ? random.bytes(random.below(6)) : Buffer.from(random.pick(['a', 'é', '€', '😀', 'line\n']))
      // Split anywhere, so that the other stream can come between the halves.
      const part = random.chance(0.3) ? piece.subarray(0, random.below(piece.length + 1)) : piece
      bytes[stream].push(...part)
      output.write(part, at, stream)
      if (random.chance(0.1)) output.flush(at)
    }
    output.endStage('run', at)
    for (const stream of ['stdout', 'stderr'] as const)
      expect(output.text(stream)).toBe(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes[stream])).replaceAll('\0', '\u{FFFD}'),
      )
    const times = output.events.map((event) => event.at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  }
})

test('the streams take turns exactly as they were written', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed)
    const output = record()
    let written = ''
    for (let at = 0; at < 300; at += random.below(20)) {
      const stream = random.pick(['stdout', 'stderr'] as const)
      output.write('x', at, stream)
      written += stream === 'stdout' ? 'o' : 'e'
      if (random.chance(0.1)) output.flush(at)
    }
    output.endStage('run', 300)
    expect(output.events.map(({ stream, text }) => (stream === 'stdout' ? 'o' : 'e').repeat(text.length)).join('')).toBe(written)
  }
})
