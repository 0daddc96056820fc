import type { Stage, Stream } from '../protocol/run.ts'

/**
 * What travels between the server and the agent, PID 1 of a sandbox: a type byte, a big-endian u32 length, that many bytes.
 * `sandbox/agent/frames.h` is the other side; change both or neither.
 *
 * Everything that comes out of a sandbox is hostile: it is length-checked here and nothing of it is trusted beyond "a run can only lie about itself".
 */
const headerBytes = 5
/** Output frames are at most 64 KiB, all others much smaller. */
const maxPayload = 64 * 1024

export type StoppedBy = 'wall-time' | 'cpu-time' | 'output-stdout' | 'output-stderr' | 'cancel'
const stoppedBy: readonly (StoppedBy | null)[] = [null, 'wall-time', 'cpu-time', 'output-stdout', 'output-stderr', 'cancel']
const stages: readonly Stage[] = ['compile', 'run']

/** The bare facts of a step's ending, as the agent saw them. */
export type Exit = {
  stage: Stage
  /** Null when a signal ended it. */
  exitCode: number | null
  /** The signal's number on Linux, or null. */
  signal: number | null
  stoppedBy: StoppedBy | null
  /** The kernel killed a process of this sandbox for memory during the step. */
  oomKilled: boolean
  /** A new process or thread was refused during the step. */
  forkRefused: boolean
  truncated: { stdout: boolean; stderr: boolean }
  /** No further step was asked for. */
  last: boolean
  wallMs: number
  cpuMs: number
  memoryPeakBytes: number
  stdoutBytes: number
  stderrBytes: number
}

export type AgentFrame =
  | { type: 'ready' }
  | { type: 'begin'; stage: Stage }
  | { type: 'output'; stream: Stream; bytes: Uint8Array }
  | { type: 'done'; exit: Exit }
  | { type: 'fault'; message: string }

export type Step = {
  stage: Stage
  warm: boolean
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  wallTimeMs: number
  cpuTimeMs: number
  /** What a warm runtime is told: the run's own arguments. */
  args: readonly string[]
}

function frame(type: string, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + payload.length)
  bytes.writeUInt8(type.charCodeAt(0), 0)
  bytes.writeUInt32BE(payload.length, 1)
  bytes.set(payload, headerBytes)
  return bytes
}

const terminated = (strings: readonly string[]) => Buffer.from(strings.map((text) => `${text}\0`).join(''))

/** Not ended by an empty string: a program may well be given an empty argument. */
function counted(strings: readonly string[]): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(strings.length)
  return Buffer.concat([count, terminated(strings)])
}

export const frames = {
  files: (archive: Uint8Array) => frame('F', archive),
  step(step: Step): Buffer {
    const head = Buffer.alloc(10)
    head.writeUInt8(stages.indexOf(step.stage), 0)
    head.writeUInt8(step.warm ? 1 : 0, 1)
    head.writeUInt32BE(step.wallTimeMs, 2)
    head.writeUInt32BE(step.cpuTimeMs, 6)
    const env = Object.entries(step.env).map(([name, value]) => `${name}=${value}`)
    return frame('S', Buffer.concat([head, counted(step.argv), counted(env), terminated(step.args)]))
  },
  go(outputBytes: number): Buffer {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(outputBytes)
    return frame('G', payload)
  },
  stdin: (bytes: Uint8Array) => frame('I', bytes),
  stdinEnd: () => frame('E', Buffer.alloc(0)),
  signal: (number: number) => frame('K', Buffer.of(number)),
  cancel: () => frame('X', Buffer.alloc(0)),
}

/** Thrown for bytes no agent of ours writes. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** Cuts what comes out of a sandbox into frames. Holds at most one frame that is not whole yet. */
export function createFrameDecoder(): (bytes: Uint8Array) => AgentFrame[] {
  let pending: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  return (bytes) => {
    pending = pending.length ? Buffer.concat([pending, bytes]) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const whole: AgentFrame[] = []
    let at = 0
    while (pending.length - at >= headerBytes) {
      const length = pending.readUInt32BE(at + 1)
      if (length > maxPayload) throw new FrameError(`a frame of ${length} bytes`)
      if (pending.length - at < headerBytes + length) break
      whole.push(decode(pending.readUInt8(at), pending.subarray(at + headerBytes, at + headerBytes + length)))
      at += headerBytes + length
    }
    // A copy, so that a few bytes left over do not keep a large chunk alive.
    pending = Buffer.from(pending.subarray(at))
    return whole
  }
}

function decode(type: number, payload: Buffer): AgentFrame {
  switch (String.fromCharCode(type)) {
    case 'R':
      return { type: 'ready' }
    case 'B':
      return { type: 'begin', stage: stageOf(payload[0]) }
    case 'O':
      return { type: 'output', stream: 'stdout', bytes: payload }
    case 'T':
      return { type: 'output', stream: 'stderr', bytes: payload }
    case 'D':
      return { type: 'done', exit: decodeExit(payload) }
    case '!':
      return { type: 'fault', message: payload.toString('utf8') }
    default:
      throw new FrameError(`a frame of type ${type}`)
  }
}

function stageOf(index: number | undefined): Stage {
  const stage = stages[index ?? -1]
  if (!stage) throw new FrameError(`stage ${index}`)
  return stage
}

function decodeExit(payload: Buffer): Exit {
  if (payload.length !== 48) throw new FrameError(`an exit of ${payload.length} bytes`)
  const reason = stoppedBy[payload.readUInt8(1)]
  if (reason === undefined) throw new FrameError(`stopped by ${payload.readUInt8(1)}`)
  const signal = payload.readUInt8(2)
  const flags = payload.readUInt8(3)
  const count = (at: number) => {
    const value = Number(payload.readBigUInt64BE(at))
    // Nothing a run does comes near it, and neither the database nor JSON takes more.
    if (!Number.isSafeInteger(value)) throw new FrameError(`a count of ${value}`)
    return value
  }
  const exitCode = payload.readInt32BE(4)
  return {
    stage: stageOf(payload[0]),
    exitCode: signal || exitCode < 0 ? null : exitCode,
    signal: signal || null,
    stoppedBy: reason,
    oomKilled: (flags & 1) !== 0,
    forkRefused: (flags & 2) !== 0,
    truncated: { stdout: (flags & 4) !== 0, stderr: (flags & 8) !== 0 },
    last: (flags & 16) !== 0,
    wallMs: count(8) / 1000,
    cpuMs: count(16) / 1000,
    memoryPeakBytes: count(24),
    stdoutBytes: count(32),
    stderrBytes: count(40),
  }
}
