import { describe, expect, test } from 'vitest'
import { quietExit } from '../testing/quiet-exit.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { type AgentFrame, createFrameDecoder, type Exit, FrameError, frames, type Step } from './frames.ts'

const maxPayload = 64 * 1024

function agentFrame(type: string, payload: Uint8Array | string = '', claimedLength?: number): Buffer {
  const bytes = Buffer.from(payload)
  const header = Buffer.alloc(5)
  header.write(type, 'latin1')
  header.writeUInt32BE(claimedLength ?? bytes.length, 1)
  return Buffer.concat([header, bytes])
}

/** As `report` in agent/step.c writes it. */
function exitPayload({ stage = 1, stoppedBy = 0, signal = 0, flags = 0, code = 0, counts = [0n, 0n, 0n, 0n, 0n] }): Buffer {
  const payload = Buffer.alloc(48)
  payload.set([stage, stoppedBy, signal, flags])
  payload.writeInt32BE(code, 4)
  for (const [index, count] of counts.entries()) payload.writeBigUInt64BE(count, 8 + 8 * index)
  return payload
}

function counts(...values: bigint[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  for (const [index, value] of values.entries()) bytes.writeBigUInt64BE(value, 8 * index)
  return bytes
}

describe('what the agent says', () => {
  const everyFrame: [Buffer, AgentFrame][] = [
    [agentFrame('R'), { type: 'ready' }],
    [agentFrame('B', Buffer.of(0)), { type: 'begin', stage: 'compile' }],
    [agentFrame('B', Buffer.of(1)), { type: 'begin', stage: 'run' }],
    [agentFrame('O', 'out\0'), { type: 'output', stream: 'stdout', bytes: Buffer.from('out\0') }],
    [agentFrame('T', 'é'), { type: 'output', stream: 'stderr', bytes: Buffer.from('é') }],
    [agentFrame('O'), { type: 'output', stream: 'stdout', bytes: Buffer.alloc(0) }],
    [agentFrame('D', exitPayload({})), { type: 'done', exit: quietExit }],
    [agentFrame('U', counts(1_500n, 4_096n)), { type: 'usage', cpuMs: 1.5, memoryBytes: 4_096 }],
    [agentFrame('H', 'Thread 0x1'), { type: 'stacks', bytes: Buffer.from('Thread 0x1') }],
    [
      agentFrame('A', Buffer.concat([Buffer.of(0), counts(3n), Buffer.from('out/é.png')])),
      { type: 'file', kind: 'artifact', path: Buffer.from('out/é.png'), bytes: 3 },
    ],
    [
      agentFrame('A', Buffer.concat([Buffer.of(1), counts(0n), Buffer.from('r')])),
      { type: 'file', kind: 'report', path: Buffer.from('r'), bytes: 0 },
    ],
    [agentFrame('C', 'png'), { type: 'chunk', bytes: Buffer.from('png') }],
    [agentFrame('N', '\u0003a.bin'), { type: 'not-kept', reason: 'unreadable', path: Buffer.from('a.bin') }],
    [agentFrame('Z'), { type: 'kept' }],
    [agentFrame('!', 'open main.py: No space left'), { type: 'fault', message: 'open main.py: No space left' }],
  ]
  const stream = Buffer.concat(everyFrame.map(([bytes]) => bytes))
  const meanings = everyFrame.map(([, frame]) => frame)

  test.each(everyFrame)('is whole wherever it is split: %s', (bytes, frame) => {
    for (let at = 0; at <= bytes.length; at++) {
      const decode = createFrameDecoder()
      expect([...decode(bytes.subarray(0, at)), ...decode(bytes.subarray(at))]).toEqual([frame])
    }
  })

  test('is understood when many frames come in one piece', () => {
    expect(createFrameDecoder()(stream)).toEqual(meanings)
  })

  test('is understood when it comes byte by byte', () => {
    const decode = createFrameDecoder()
    expect([...stream].flatMap((byte) => decode(Buffer.of(byte)))).toEqual(meanings)
  })

  test('is understood in pieces of any size', () => {
    const random = seededRandom(1)
    for (let round = 0; round < 200; round++) {
      const decode = createFrameDecoder()
      expect(random.pieces(stream, 1 + random.below(40)).flatMap(decode)).toEqual(meanings)
    }
  })

  test('may be as long as an output frame gets', () => {
    const decode = createFrameDecoder()
    expect(decode(agentFrame('O', Buffer.alloc(maxPayload, 'x')))).toEqual([
      { type: 'output', stream: 'stdout', bytes: Buffer.alloc(maxPayload, 'x') },
    ])
  })

  test.each([maxPayload + 1, 2 ** 31, 2 ** 32 - 1])('is refused at its header when it says it has %i bytes', (length) => {
    expect(() => createFrameDecoder()(agentFrame('O', '', length))).toThrow(FrameError)
  })

  test.each([
    ['a type nobody knows', agentFrame('Q')],
    ['a type only the server uses', agentFrame('G', Buffer.alloc(4))],
    ['the type zero', agentFrame('\0')],
    ['a stage without a number', agentFrame('B')],
    ['a third stage', agentFrame('B', Buffer.of(2))],
    ['an exit of a third stage', agentFrame('D', exitPayload({ stage: 2 }))],
    ['an exit stopped by nothing known', agentFrame('D', exitPayload({ stoppedBy: 6 }))],
    ['an exit that is one byte too long', agentFrame('D', Buffer.alloc(49))],
    ['a usage that is cut short', agentFrame('U', counts(1n))],
    ['a usage beyond any count', agentFrame('U', counts(1n, 2n ** 60n))],
    ['a file without a name', agentFrame('A', Buffer.concat([Buffer.of(0), counts(3n)]))],
    ['a file of a third kind', agentFrame('A', Buffer.concat([Buffer.of(2), counts(3n), Buffer.from('x')]))],
    ['a piece of a file without bytes', agentFrame('C')],
    ['a file not kept for no reason', agentFrame('N', '\u0006a')],
    ['a file not kept that has no name', agentFrame('N', '\u0001')],
    ['a count that no database takes', agentFrame('D', exitPayload({ counts: [0n, 0n, 0n, 2n ** 53n, 0n] }))],
    ['a count that is -1 elsewhere', agentFrame('D', exitPayload({ counts: [2n ** 64n - 1n, 0n, 0n, 0n, 0n] }))],
  ])('is refused with %s', (_, bytes) => {
    expect(() => createFrameDecoder()(bytes)).toThrow(FrameError)
  })

  test('is refused when an exit is cut short, wherever', () => {
    for (let length = 0; length < 48; length++)
      expect(() => createFrameDecoder()(agentFrame('D', exitPayload({}).subarray(0, length)))).toThrow(FrameError)
  })

  test.each<[string, Parameters<typeof exitPayload>[0], Partial<Exit>]>([
    ['an exit code', { code: 44 }, { exitCode: 44 }],
    ['a signal, which has no exit code', { signal: 11, code: -1 }, { exitCode: null, signal: 11 }],
    ['neither, when it was never reaped', { code: -1 }, { exitCode: null }],
    ['that it was asked where it is', { flags: 32 }, { asked: true }],
    ['the compile stage', { stage: 0 }, { stage: 'compile' }],
    ['a stop by the wall clock', { stoppedBy: 1 }, { stoppedBy: 'wall-time' }],
    ['a stop by the CPU clock', { stoppedBy: 2 }, { stoppedBy: 'cpu-time' }],
    ['a stop for stdout', { stoppedBy: 3 }, { stoppedBy: 'output-stdout' }],
    ['a stop for stderr', { stoppedBy: 4 }, { stoppedBy: 'output-stderr' }],
    ['a cancel', { stoppedBy: 5 }, { stoppedBy: 'cancel' }],
    ['a kill for memory', { flags: 1 }, { oomKilled: true }],
    ['a refused process', { flags: 2 }, { forkRefused: true }],
    ['a cut stdout', { flags: 4 }, { truncated: { stdout: true, stderr: false } }],
    ['a cut stderr', { flags: 8 }, { truncated: { stdout: false, stderr: true } }],
    ['the last step', { flags: 16 }, { last: true }],
    [
      'times in microseconds and counts in bytes',
      { counts: [1_500_000n, 250n, 3n, 2n ** 40n, 5n] },
      { wallMs: 1500, cpuMs: 0.25, memoryPeakBytes: 3, stdoutBytes: 2 ** 40, stderrBytes: 5 },
    ],
  ])('can be an exit with %s', (_, facts, meaning) => {
    expect(createFrameDecoder()(agentFrame('D', exitPayload(facts)))).toEqual([
      { type: 'done', exit: { ...quietExit, ...meaning } },
    ])
  })

  test('keeps no hold of the piece it came in', () => {
    const decode = createFrameDecoder()
    const piece = Buffer.concat([agentFrame('R'), Buffer.from('O')])
    decode(piece)
    piece.fill(0)
    expect(decode(agentFrame('O', 'x').subarray(1))).toEqual([{ type: 'output', stream: 'stdout', bytes: Buffer.from('x') }])
  })

  test('is a frame or a FrameError, whatever bytes come', () => {
    const random = seededRandom(2)
    const types = meanings.map(({ type }) => type)
    for (let round = 0; round < 2_000; round++) {
      const decode = createFrameDecoder()
      const damaged = Buffer.concat(Array.from({ length: 4 }, () => random.pick(everyFrame)[0]))
      for (let hits = random.below(4); hits > 0; hits--) damaged[random.below(damaged.length)] = random.below(256)
      const bytes = random.chance(0.3) ? random.bytes(64) : damaged
      try {
        for (const piece of random.pieces(bytes, 16)) for (const frame of decode(piece)) expect(types).toContain(frame.type)
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError)
      }
    }
  })

  test('is held back only until its frame is whole: never more than one', () => {
    const random = seededRandom(3)
    const decode = createFrameDecoder()
    let heldBytes = 0
    for (let round = 0; round < 100; round++) {
      const sent = agentFrame(random.pick(['O', 'T']), Buffer.alloc(random.below(maxPayload + 1)))
      for (const piece of random.pieces(sent, maxPayload)) {
        heldBytes += piece.length
        for (const frame of decode(piece)) heldBytes -= 5 + (frame.type === 'output' ? frame.bytes.length : Number.NaN)
        expect(heldBytes).toBeLessThan(5 + maxPayload)
      }
      expect(heldBytes).toBe(0)
    }
  })
})

describe('what the server says', () => {
  const text = (bytes: Buffer) => bytes.toString('latin1')

  test.each<[string, Buffer, string]>([
    ['files', frames.files(Buffer.from('tar')), 'F\0\0\0\x03tar'],
    ['the go', frames.go(), 'G\0\0\0\0'],
    ['the size of a terminal', frames.resize({ columns: 300, rows: 24 }), 'W\0\0\0\x04\x01\x2c\0\x18'],
    ['input', frames.stdin(Buffer.from('hi')), 'I\0\0\0\x02hi'],
    ['the end of input', frames.stdinEnd(), 'E\0\0\0\0'],
    ['a signal', frames.signal(2), 'K\0\0\0\x01\x02'],
    ['a cancel', frames.cancel(), 'X\0\0\0\0'],
  ])('%s is a type byte, a big-endian length and the payload', (_, bytes, written) => {
    expect(text(bytes)).toBe(written)
  })

  const step: Step = {
    stage: 'run',
    warm: true,
    terminal: null,
    argv: ['python3', 'é.py', ''],
    env: { A: '1', B: 'x=y' },
    wallTimeMs: 10_000,
    cpuTimeMs: 5_000,
    outputBytes: 0x0102_0304,
    stacks: null,
    args: ['a b', ''],
  }

  test('a step is its stage, how it starts, its limits, its terminal, the question for its stacks, argv, env, and what a warm runtime is told', () => {
    const bytes = frames.step(step)
    expect(text(bytes.subarray(5))).toBe(
      `\x01\x01\0\0\x27\x10\0\0\x13\x88\x01\x02\x03\x04${'\0'.repeat(6)}\0\0\0\x03python3\0\xc3\xa9.py\0\0\0\0\0\x02A=1\0B=x=y\0\0a b\0\0`,
    )
    expect(bytes.readUInt32BE(1)).toBe(bytes.length - 5)
  })

  test.each<[string, Partial<Step>, string, string]>([
    ['a compile step that starts cold', { stage: 'compile', warm: false }, '\0\0', '\0\0\0\0\0\0'],
    ['a terminal', { warm: false, terminal: { columns: 80, rows: 25 } }, '\x01\x02', '\0\x50\0\x19\0\0'],
    ['stacks on the control socket', { stacks: { signal: 0, from: 'control' } }, '\x01\x01', '\0\0\0\0\0\x01'],
    ['stacks on stdout', { stacks: { signal: 3, from: 'stdout' } }, '\x01\x01', '\0\0\0\0\x03\x02'],
    ['stacks on stderr', { stacks: { signal: 48, from: 'stderr' } }, '\x01\x01', '\0\0\0\0\x30\x03'],
    ['stacks in a file', { stacks: { signal: 12, from: { file: '/tmp/r' } } }, '\x01\x01', '\0\0\0\0\x0c\x04'],
  ])('a step with %s says so', (_, change, start, middle) => {
    const bytes = frames.step({ ...step, ...change, argv: [], env: {}, args: ['x'] }).subarray(5)
    expect([text(bytes.subarray(0, 2)), text(bytes.subarray(14, 20))]).toEqual([start, middle])
    const file = typeof change.stacks?.from === 'object' ? change.stacks.from.file : ''
    expect(text(bytes.subarray(20))).toBe(`${'\0'.repeat(8)}${file}\0x\0`)
  })

  test('what to keep is its limits, the counted patterns and the path of the report', () => {
    const keep = { patterns: ['*.png', 'out/**'], files: 16, fileBytes: 256, totalBytes: 512 }
    expect(text(frames.keep({ ...keep, report: { path: '/tmp/r.xml', bytes: 1 } }).subarray(5))).toBe(
      '\0\0\0\x10\0\0\x01\0\0\0\x02\0\0\0\0\x01\0\0\0\x02*.png\0out/**\0/tmp/r.xml\0',
    )
    expect(text(frames.keep({ ...keep, patterns: [], report: null }).subarray(17))).toBe('\0\0\0\0\0\0\0\0\0')
  })
})
