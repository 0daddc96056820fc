import type { Stage, Stream, TerminalSize } from '../../protocol/run.ts'

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
/** Where stacks come from, as they travel: 0 is nowhere. */
const stacksPlaces = ['control', 'stdout', 'stderr', 'file'] as const

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
  /** Its time was about to run out and it was asked for its stacks. */
  asked: boolean
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
  /** What the step uses now: its processor time so far, and the sandbox's memory. */
  | { type: 'usage'; cpuMs: number; memoryBytes: number }
  /** What the program answered when it was asked for its stacks; comes before `done`. */
  | { type: 'stacks'; bytes: Uint8Array }
  | { type: 'done'; exit: Exit }
  /** A file follows, in chunks. `path` is bytes, as the program named it. */
  | { type: 'file'; kind: FileKind; path: Uint8Array; bytes: number }
  | { type: 'chunk'; bytes: Uint8Array }
  | { type: 'not-kept'; reason: NotKept; path: Uint8Array }
  /** Every file that was asked for has been sent. */
  | { type: 'kept' }
  | { type: 'fault'; message: string }

/** A file that was asked for by a pattern, or the report of the test framework. */
export type FileKind = 'artifact' | 'report'
const fileKinds: readonly FileKind[] = ['artifact', 'report']
/** `too-much`: of all of them together. `unreadable`: no regular file, or one the program itself may not read. `and-more`: the agent stopped counting. */
export type NotKept = 'too-large' | 'too-many' | 'too-much' | 'unreadable' | 'path-too-long' | 'and-more'
const notKept: readonly NotKept[] = ['too-large', 'too-many', 'too-much', 'unreadable', 'path-too-long', 'and-more']

export type Step = {
  stage: Stage
  warm: boolean
  /** A terminal instead of pipes. */
  terminal: TerminalSize | null
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  wallTimeMs: number
  cpuTimeMs: number
  outputBytes: number
  /** How to ask it for its stacks before its time runs out. */
  stacks: AskForStacks | null
  /** What a warm runtime is told: the run's own arguments. */
  args: readonly string[]
}

export type AskForStacks = {
  /** A signal's number on Linux; 0 for none. */
  signal: number
  from: 'control' | Stream | { file: string }
}

/** What to send back when every step has ended. */
export type Keep = {
  /** Globs under /workspace: `*` and `?` within a name, `**` over any number of folders. */
  patterns: readonly string[]
  files: number
  fileBytes: number
  totalBytes: number
  report: { path: string; bytes: number } | null
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
    const { terminal, stacks } = step
    const head = Buffer.alloc(20)
    head.writeUInt8(stages.indexOf(step.stage), 0)
    head.writeUInt8((step.warm ? 1 : 0) | (terminal ? 2 : 0), 1)
    head.writeUInt32BE(step.wallTimeMs, 2)
    head.writeUInt32BE(step.cpuTimeMs, 6)
    head.writeUInt32BE(step.outputBytes, 10)
    head.writeUInt16BE(terminal?.columns ?? 0, 14)
    head.writeUInt16BE(terminal?.rows ?? 0, 16)
    head.writeUInt8(stacks?.signal ?? 0, 18)
    head.writeUInt8(stacks ? 1 + stacksPlaces.indexOf(typeof stacks.from === 'object' ? 'file' : stacks.from) : 0, 19)
    const stacksFile = typeof stacks?.from === 'object' ? stacks.from.file : ''
    const env = Object.entries(step.env).map(([name, value]) => `${name}=${value}`)
    return frame('S', Buffer.concat([head, counted(step.argv), counted(env), terminated([stacksFile]), terminated(step.args)]))
  },
  /** Comes before the files, so that the agent can tell what the program made from what it was given. */
  keep({ patterns, files, fileBytes, totalBytes, report }: Keep): Buffer {
    const head = Buffer.alloc(16)
    for (const [index, value] of [files, fileBytes, totalBytes, report?.bytes ?? 0].entries())
      head.writeUInt32BE(value, index * 4)
    return frame('P', Buffer.concat([head, counted(patterns), terminated([report?.path ?? ''])]))
  },
  go: () => frame('G', Buffer.alloc(0)),
  resize({ columns, rows }: TerminalSize): Buffer {
    const payload = Buffer.alloc(4)
    payload.writeUInt16BE(columns, 0)
    payload.writeUInt16BE(rows, 2)
    return frame('W', payload)
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
      return { type: 'begin', stage: oneOf(stages, payload[0], 'stage') }
    case 'O':
      return { type: 'output', stream: 'stdout', bytes: payload }
    case 'T':
      return { type: 'output', stream: 'stderr', bytes: payload }
    case 'U':
      if (payload.length !== 16) throw new FrameError(`a usage of ${payload.length} bytes`)
      return { type: 'usage', cpuMs: countAt(payload, 0) / 1000, memoryBytes: countAt(payload, 8) }
    case 'H':
      return { type: 'stacks', bytes: payload }
    case 'A':
      if (payload.length < 10) throw new FrameError('a file without a name')
      return {
        type: 'file',
        kind: oneOf(fileKinds, payload[0], 'file kind'),
        path: payload.subarray(9),
        bytes: countAt(payload, 1),
      }
    case 'C':
      if (payload.length === 0) throw new FrameError('a piece of a file without bytes')
      return { type: 'chunk', bytes: payload }
    case 'N':
      if (payload.length < 2) throw new FrameError('a file that was not kept, without a name')
      return { type: 'not-kept', reason: oneOf(notKept, payload[0], 'reason'), path: payload.subarray(1) }
    case 'Z':
      return { type: 'kept' }
    case 'D':
      return { type: 'done', exit: decodeExit(payload) }
    case '!':
      return { type: 'fault', message: payload.toString('utf8') }
    default:
      throw new FrameError(`a frame of type ${type}`)
  }
}

function oneOf<T>(all: readonly T[], index: number | undefined, what: string): T {
  const found = all[index ?? -1]
  if (found === undefined) throw new FrameError(`${what} ${index}`)
  return found
}

function countAt(payload: Buffer, at: number): number {
  const value = Number(payload.readBigUInt64BE(at))
  // Nothing a run does comes near it, and neither the database nor JSON takes more.
  if (!Number.isSafeInteger(value)) throw new FrameError(`a count of ${value}`)
  return value
}

function decodeExit(payload: Buffer): Exit {
  if (payload.length !== 48) throw new FrameError(`an exit of ${payload.length} bytes`)
  const signal = payload.readUInt8(2)
  const flags = payload.readUInt8(3)
  const exitCode = payload.readInt32BE(4)
  return {
    stage: oneOf(stages, payload[0], 'stage'),
    exitCode: signal || exitCode < 0 ? null : exitCode,
    signal: signal || null,
    stoppedBy: oneOf(stoppedBy, payload[1], 'stopped by'),
    oomKilled: (flags & 1) !== 0,
    forkRefused: (flags & 2) !== 0,
    truncated: { stdout: (flags & 4) !== 0, stderr: (flags & 8) !== 0 },
    last: (flags & 16) !== 0,
    asked: (flags & 32) !== 0,
    wallMs: countAt(payload, 8) / 1000,
    cpuMs: countAt(payload, 16) / 1000,
    memoryPeakBytes: countAt(payload, 24),
    stdoutBytes: countAt(payload, 32),
    stderrBytes: countAt(payload, 40),
  }
}
