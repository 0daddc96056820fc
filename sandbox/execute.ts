import type { LanguageManifest } from '../protocol/language.ts'
import { requestLimits } from '../protocol/limits.ts'
import type { Ending, Signal, Stage, UnnumberedEvent, Verdict } from '../protocol/run.ts'
import { archiveOf } from './archive.ts'
import { createEventQueue } from './event-queue.ts'
import type { CancelledBy, Execution, Job } from './executor.ts'
import { type AgentFrame, type Exit, frames } from './frames.ts'
import { createOutput } from './output.ts'
import type { Lease } from './pool.ts'
import { stepsOf } from './steps.ts'
import { signalName, signalNumber, verdictOf } from './verdict.ts'

export type ExecuteOptions = {
  job: Job
  manifest: LanguageManifest
  image: string
  imageDigest: string
  /** Resolves with a sandbox as soon as one can be had; rejects when `signal` aborts or none can be made. */
  acquire(signal: AbortSignal): Promise<Lease>
  /** Milliseconds on a clock that never goes back. */
  clock(): number
  /** Logs our failure and returns the number by which it can be found. */
  incident(what: string, cause: unknown): string
}

/** The agent keeps the time. If it has not reported this long after every limit, the sandbox is not to be waited for. */
const graceMs = 5_000
/** The agent answers a cancel in milliseconds; one that does not is left to the removal of its sandbox. */
const cancelGraceMs = 1_000
/** How much of stderr's end is looked at for a runtime's own "out of memory". */
const tailChars = 8_192

/** The story of one run: get a sandbox, send it everything, pass on what happens, and say what the ending means. */
export function execute({ job, manifest, image, imageDigest, acquire, clock, incident }: ExecuteOptions): Execution {
  const startedAt = clock()
  const at = () => clock() - startedAt
  const events = createEventQueue<UnnumberedEvent>(() => cancel('client'))
  const output = createOutput(events.push)
  const abandon = new AbortController()
  /** Stages that have started; those that have ended are in `exits`. */
  let begun = 0
  const exits: Exit[] = []
  const steps = stepsOf(manifest, job)
  /** Ours to give back, from the moment there is one. */
  let held: Lease | undefined
  /** The same, once the run has been sent to it. */
  let lease: Lease | undefined
  let stage: Stage = steps[0]?.stage ?? 'run'
  let cancelledBy: CancelledBy | null = null
  let finished = false
  let inputOpen = job.stdinOpen
  let typedBytes = 0
  /** Typed before there was a sandbox to type into. */
  const typedEarly: Uint8Array[] = []
  let outputBytes = 0
  let stderrTail = ''
  let flushTimer: NodeJS.Timeout | undefined
  let backstop: NodeJS.Timeout | undefined
  const ended = Promise.withResolvers<void>()

  void begin()

  async function begin(): Promise<void> {
    try {
      // Packing does not wait for the sandbox, nor the sandbox for the packing.
      const [archive, acquired] = await Promise.all([archiveOf(job.files), acquire(abandon.signal).then(hold)])
      if (finished) return
      // Cancelled when there was a sandbox and the packing went on.
      if (cancelledBy) return finish({ kind: 'cancelled', by: cancelledBy })
      lease = acquired
      acquired.sandbox.listen({ frame: take, end: lost })
      // One write: what travels together arrives together.
      acquired.sandbox.send(
        Buffer.concat([
          frames.files(archive),
          ...steps.map(frames.step),
          ...(job.stdin.length > 0 ? [frames.stdin(job.stdin)] : []),
          ...typedEarly,
          ...(inputOpen ? [] : [frames.stdinEnd()]),
          frames.go(job.limits.output_bytes),
        ]),
      )
      backstop = setTimeout(
        () => fail('the agent did not end the run in time', undefined),
        steps.length * job.limits.wall_time_ms + graceMs,
      )
    } catch (error) {
      if (cancelledBy) finish({ kind: 'cancelled', by: cancelledBy })
      else fail('no sandbox could be had', error)
    }
  }

  function hold(acquired: Lease): Lease {
    if (finished) acquired.release()
    else held = acquired
    return acquired
  }

  function take(frame: AgentFrame): void {
    if (finished) return
    switch (frame.type) {
      case 'begin':
        // Without this a sandbox that lies could fill the log with stages that never were.
        if (begun !== exits.length || frame.stage !== steps[begun]?.stage) {
          fail('the sandbox started a stage that was not its turn', undefined)
          return
        }
        begun++
        stage = frame.stage
        stderrTail = ''
        happened({ type: 'started', at: at(), stage })
        break
      case 'output':
        // The agent cuts at the limit. More than that comes from something that is not our agent any more.
        outputBytes += frame.bytes.length
        if (outputBytes > job.limits.output_bytes) {
          fail('the sandbox sent more output than its agent lets through', undefined)
          return
        }
        if (frame.stream === 'stderr' && manifest.memory_messages.length > 0)
          stderrTail = (stderrTail + Buffer.from(frame.bytes).toString('latin1')).slice(-tailChars)
        output.write(stage, frame.stream, frame.bytes, at())
        scheduleFlush()
        break
      case 'done': {
        if (begun !== exits.length + 1 || frame.exit.stage !== stage) {
          fail('the sandbox ended a stage that had not started', undefined)
          return
        }
        exits.push(frame.exit)
        output.endStage(frame.exit.stage, at())
        if (exits.length < steps.length && !endsTheRun(frame.exit)) break
        const saidOutOfMemory = manifest.memory_messages.some((message) => stderrTail.includes(message))
        finish(verdictOf({ exit: frame.exit, cancelledBy, saidOutOfMemory }))
        break
      }
      case 'fault':
        fail('the agent could not run it', frame.message)
        break
      case 'ready':
        fail('the agent said it was ready twice', undefined)
        break
      default:
        frame satisfies never
    }
  }

  /** What was held back to be merged is flushed when its time has come, also if nothing follows it. */
  function scheduleFlush(): void {
    if (flushTimer || output.dueAt === undefined) return
    flushTimer = setTimeout(() => {
      flushTimer = undefined
      output.flush(at())
    }, output.dueAt - at())
  }

  function lost(reason: string): void {
    if (finished) return
    if (cancelledBy) finish({ kind: 'cancelled', by: cancelledBy })
    else fail('the sandbox was lost', reason)
  }

  function fail(what: string, cause: unknown): void {
    if (!finished) finish({ kind: 'sandbox-failed', incident: incident(what, cause) })
  }

  function finish(verdict: Verdict): void {
    if (finished) return
    finished = true
    inputOpen = false
    clearTimeout(flushTimer)
    clearTimeout(backstop)
    output.endStage(stage, at())
    const oom = verdict.kind === 'memory-limit' || exits.some((exit) => exit.oomKilled)
    happened({ type: 'finished', at: at(), ...endingOf(verdict, exits, oom, job.limits.memory_bytes) })
    events.end()
    abandon.abort()
    held?.release()
    ended.resolve()
  }

  function cancel(by: CancelledBy): void {
    if (finished || cancelledBy) return
    cancelledBy = by
    if (!lease) {
      abandon.abort(new Error(`cancelled by ${by}`))
      return
    }
    lease.sandbox.send(frames.cancel())
    clearTimeout(backstop)
    backstop = setTimeout(() => finish({ kind: 'cancelled', by }), cancelGraceMs)
  }

  /** In the order it happened: what the program wrote before comes before. */
  function happened(event: UnnumberedEvent): void {
    output.flush(event.at)
    events.push(event)
  }

  return {
    image,
    imageDigest,
    events,
    finished: ended.promise,
    write(text) {
      const bytes = Buffer.from(text)
      if (!inputOpen || typedBytes + bytes.length > requestLimits.stdinBytes) return false
      if (bytes.length === 0) return true
      typedBytes += bytes.length
      happened({ type: 'input', at: at(), text })
      if (lease) lease.sandbox.send(frames.stdin(bytes))
      else typedEarly.push(frames.stdin(bytes))
      return true
    },
    endInput() {
      if (!inputOpen) return false
      inputOpen = false
      happened({ type: 'input-end', at: at() })
      lease?.sandbox.send(frames.stdinEnd())
      return true
    },
    signal(signal: Signal) {
      if (finished || !lease) return false
      happened({ type: 'signal', at: at(), signal })
      lease.sandbox.send(frames.signal(signalNumber(signal)))
      return true
    },
    cancel,
  }
}

/** Whether no stage may follow this one. */
function endsTheRun(exit: Exit): boolean {
  return exit.last || exit.stoppedBy !== null || exit.exitCode !== 0
}

export function endingOf(verdict: Verdict, exits: readonly Exit[], oom: boolean, memoryBytes: number): Ending {
  // A compiler that did its work is not how the program ended.
  const last = exits.findLast(endsTheRun)
  const sum = (of: (exit: Exit) => number) => exits.reduce((total, exit) => total + of(exit), 0)
  return {
    verdict,
    exit_code: last ? (last.exitCode ?? (last.signal === null ? null : 128 + last.signal)) : null,
    signal: last?.signal ? signalName(last.signal) : null,
    oom,
    usage: {
      cpu_ms: round(sum((exit) => exit.cpuMs)),
      // A process's resident size counts the runtime's own code as well, which is shared and charged to nobody: never more than there was.
      memory_peak_bytes: Math.min(memoryBytes, Math.max(0, ...exits.map((exit) => exit.memoryPeakBytes))),
    },
    duration_ms: round(sum((exit) => exit.wallMs)),
    // A compiler's output is its own: these count what the program wrote.
    stdout_bytes: exits.findLast((exit) => exit.stage === 'run')?.stdoutBytes ?? 0,
    stderr_bytes: exits.findLast((exit) => exit.stage === 'run')?.stderrBytes ?? 0,
    truncated: { stdout: exits.some((exit) => exit.truncated.stdout), stderr: exits.some((exit) => exit.truncated.stderr) },
  }
}

const round = (ms: number) => Math.round(ms * 1000) / 1000
