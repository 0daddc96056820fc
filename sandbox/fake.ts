import type { Ending, Signal, Stage, Stream, UnnumberedEvent } from '../protocol/run.ts'
import type { CancelledBy, Execution, Executor, Job, StartOptions } from './executor.ts'

/** A run whose events the test decides. It keeps the port's promises unless told to break them. */
export type FakeExecution = Execution & {
  readonly job: Job
  /** What the server passed on, in order. */
  readonly written: string[]
  readonly signals: Signal[]
  readonly inputEnded: boolean
  /** The first cause; null while nobody cancelled. */
  readonly cancelledBy: CancelledBy | null
  /** Whether its reader has let go of it: the last event was read, or the loop was left. */
  readonly released: boolean
  emit(event: UnnumberedEvent): void
  start(stage?: Stage): void
  print(text: string, stream?: Stream, stage?: Stage): void
  /** Ends the run, with exit code 0 unless told otherwise. A second time changes nothing. */
  finish(ending?: Partial<Ending>): void
  /** Breaks the promise of a last event: the stream fails with `error`, or just stops. */
  breakOff(error?: Error): void
}

export type FakeExecutor = Executor & {
  /** Every run that was started, oldest first. */
  readonly executions: readonly FakeExecution[]
  /** The next `start` throws this. */
  refuse(error: Error): void
  /** From now on no sandbox comes: what is started waits for one, until it is cancelled. */
  runOut(): void
  setState(change: Partial<ReturnType<Executor['state']>>): void
}

/** `script` is what a program does once started; without it the test drives `executions` itself. Time stands still at `at` 0. */
export function createFakeExecutor(script: (execution: FakeExecution) => void = () => {}): FakeExecutor {
  const executions: FakeExecution[] = []
  let refusal: Error | undefined
  let hasRunOut = false
  let state: ReturnType<Executor['state']> = {
    engine: { ok: true, message: 'Scripted.' },
    languages: [],
    sandboxes: { waiting: 0, running: 0, queued: 0 },
  }
  return {
    executions,
    refuse(error) {
      refusal = error
    },
    runOut() {
      hasRunOut = true
    },
    setState(change) {
      state = { ...state, ...change }
    },
    start(job, { permit }: StartOptions = {}) {
      if (refusal) {
        const error = refusal
        refusal = undefined
        throw error
      }
      const execution = createFakeExecution(job)
      executions.push(execution)
      if (hasRunOut) return execution
      if (permit) void permit().then((may) => (may ? script(execution) : execution.cancel('shutdown')))
      else script(execution)
      return execution
    },
    state: () => state,
    async close() {
      for (const execution of executions) execution.cancel('shutdown')
    },
  }
}

function createFakeExecution(job: Job): FakeExecution {
  const events = createEventQueue()
  const written: string[] = []
  const signals: Signal[] = []
  let inputEnded = !job.stdinOpen
  let cancelledBy: CancelledBy | null = null
  let ended = false
  const finished = Promise.withResolvers<void>()
  const execution: FakeExecution = {
    job,
    image: `fake-${job.language}`,
    imageDigest: `sha256:${'0'.repeat(64)}`,
    events: events.read,
    finished: finished.promise,
    acquired: () => ({ from: 'waiting', queuedMs: 0, makingMs: 0 }),
    written,
    signals,
    get inputEnded() {
      return inputEnded
    },
    get cancelledBy() {
      return cancelledBy
    },
    get released() {
      return events.released()
    },
    emit: events.push,
    start: (stage = 'run') => events.push({ at: 0, type: 'started', stage }),
    print: (text, stream = 'stdout', stage = 'run') => events.push({ at: 0, type: 'output', stage, stream, text }),
    finish(ending = {}) {
      if (ended) return
      ended = true
      events.push({ at: 0, type: 'finished', ...endingWith(ending) })
      events.end()
      finished.resolve()
    },
    breakOff(error) {
      ended = true
      events.end(error)
      finished.resolve()
    },
    write(text) {
      if (inputEnded || ended) return false
      written.push(text)
      events.push({ at: 0, type: 'input', text })
      return true
    },
    endInput() {
      if (inputEnded || ended) return false
      inputEnded = true
      events.push({ at: 0, type: 'input-end' })
      return true
    },
    signal(signal) {
      if (ended) return false
      signals.push(signal)
      events.push({ at: 0, type: 'signal', signal })
      return true
    },
    resize(size) {
      if (ended || !job.tty) return false
      events.push({ at: 0, type: 'resize', ...size })
      return true
    },
    cancel(by) {
      cancelledBy ??= by
      execution.finish({ verdict: { kind: 'cancelled', by: cancelledBy }, exit_code: null })
    },
  }
  return execution
}

/** A whole ending from the part a test cares about. */
export function endingWith(part: Partial<Ending> = {}): Ending {
  const verdict = part.verdict ?? { kind: 'exited', exit_code: part.exit_code ?? 0 }
  return {
    verdict,
    exit_code: verdict.kind === 'exited' ? verdict.exit_code : null,
    signal: null,
    oom: verdict.kind === 'memory-limit',
    usage: { cpu_ms: 0, memory_peak_bytes: 0 },
    duration_ms: 0,
    stdout_bytes: 0,
    stderr_bytes: 0,
    truncated: { stdout: false, stderr: false },
    ...part,
  }
}

/** Events pushed on one side and read once on the other. */
function createEventQueue() {
  const waiting: UnnumberedEvent[] = []
  let ending: { error?: Error } | undefined
  let wake = () => {}
  let released = false
  async function* read(): AsyncGenerator<UnnumberedEvent> {
    try {
      for (;;) {
        const event = waiting.shift()
        if (event) {
          yield event
        } else if (ending) {
          if (ending.error) throw ending.error
          return
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      released = true
    }
  }
  return {
    read: read(),
    released: () => released,
    push(event: UnnumberedEvent) {
      if (!ending) waiting.push(event)
      wake()
    },
    end(error?: Error) {
      ending ??= error ? { error } : {}
      wake()
    },
  }
}
