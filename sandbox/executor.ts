import type { Limits } from '../protocol/limits.ts'
import type { Flags, Mode, Signal, TerminalSize, UnnumberedEvent } from '../protocol/run.ts'
import type { TestName } from '../protocol/test-report.ts'
import type { Log } from './log.ts'

/** A request as the executor gets it: parsed, complete, nothing left to decide. */
export type Job = {
  language: string
  /** Exactly one of the installed versions. */
  version: string
  /** `format`: `stdin` is a file's text and `entry` its path; the language's formatter writes it to stdout. Such a job has no files. */
  mode: Mode | 'format'
  /** In test mode: these alone. Empty for all. */
  only: readonly TestName[]
  flags: Flags
  /** A terminal instead of pipes. */
  tty: TerminalSize | null
  /** Glob patterns of the files to give back. */
  artifacts: readonly string[]
  /** Runs of the same owner wait for each other before they let others wait. Opaque. */
  owner: string
  files: readonly { path: string; content: Uint8Array }[]
  entry: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  /** Input given up front. */
  stdin: Uint8Array
  /** Whether more input may come; if not, the program sees the end of input after `stdin`. */
  stdinOpen: boolean
  /** Somebody sits before it and waits; served before what nobody looks at, where there is a queue that knows the difference. */
  interactive?: boolean
  limits: Limits
}

/** How a run came by its sandbox. */
export type Acquired = {
  /** `waiting`: it had been made ahead. `made`: none was there, so one was made for this run. */
  from: 'waiting' | 'made'
  /** Until there was a place for the run, and from then until there was the sandbox. */
  queuedMs: number
  makingMs: number
}

/** What the engine is asked for around one sandbox. `ready`: from its start to the agent's word that its runtimes wait. */
export type EngineCall = 'create' | 'attach' | 'start' | 'ready' | 'remove'

export type CancelledBy = 'user' | 'client' | 'shutdown'

/** One run under way. */
export type Execution = {
  /** The image it runs in: a name for people, and the digest that says exactly which. */
  readonly image: string
  readonly imageDigest: string
  /**
   * What happens, `at` in milliseconds since `start`; the last one is `finished`, always, also when the sandbox failed.
   * To be read once. Leaving the loop early abandons the run and frees its sandbox.
   */
  readonly events: AsyncIterable<UnnumberedEvent>
  /** Resolves once `finished` has been said, read or not. Never rejects. */
  readonly finished: Promise<void>
  /** Null while it has none, and for ever if it never got one. */
  acquired(): Acquired | null
  /** False once the program's input is closed or it has ended. What is taken here comes back as an `input` event. */
  write(text: string): boolean
  endInput(): boolean
  signal(signal: Signal): boolean
  /** False when the run has no terminal or has ended. */
  resize(size: TerminalSize): boolean
  /** The first cause wins; later ones change nothing. */
  cancel(by: CancelledBy): void
}

/** One for each version of each language. */
export type LanguageState = {
  id: string
  version: string
  ready: boolean
  /** Not ready, and will be without anybody's doing: its image is being built. */
  building?: boolean
  /** "ready", or why not and what to do. */
  message: string
  image: string
  imageDigest: string
}

/** Asked once there is a sandbox, just before the program is let in. */
export type Permit = () => Promise<boolean>

export type StartOptions = {
  permit?: Permit
  /** Where what is said of this run goes: a log that knows which run it is. Asked for when there is something to say. */
  log?: () => Log
}

/** Turns jobs into event streams, here or on another machine. */
export type Executor = {
  /**
   * Throws AppError `unavailable` when no sandbox can be had (engine down, image missing, queue full).
   * `permit` is asked once there is a sandbox and just before the program is let in: unless it says true, the run ends there as cancelled
   * (`shutdown`), and nothing of it has been executed.
   */
  start(job: Job, options?: StartOptions): Execution
  state(): {
    engine: { ok: boolean; message: string }
    languages: LanguageState[]
    sandboxes: { waiting: number; running: number; queued: number }
  }
  /** Cancels what runs (`shutdown`) and removes every sandbox. */
  close(): Promise<void>
}
