import type { LanguageManifest } from '../../protocol/language.ts'
import { requestLimits, stageLimitsOf } from '../../protocol/limits.ts'
import type { Ending, Signal, Stage, TerminalSize, UnnumberedEvent, Verdict } from '../../protocol/run.ts'
import type { CancelledBy, Execution, Job, Permit } from '../executor.ts'
import type { Lease } from '../pool/pool.ts'
import { archiveOf } from './archive.ts'
import { createKeeping } from './artifacts.ts'
import { cpuMsOf, endingOf, endsTheRun, round } from './ending.ts'
import { createEventQueue } from './event-queue.ts'
import { createFindings } from './findings.ts'
import { type AgentFrame, type Exit, frames } from './frames.ts'
import { createOutput } from './output.ts'
import { endedByQuestion } from './stacks.ts'
import { keepOf, stepsOf } from './steps.ts'
import { signalNumber, verdictOf } from './verdict.ts'

export type ExecuteOptions = {
  job: Job
  manifest: LanguageManifest
  image: string
  imageDigest: string
  /** Resolves with a sandbox as soon as one can be had; rejects when `signal` aborts or none can be made. */
  acquire(signal: AbortSignal): Promise<Lease>
  permit?: Permit | undefined
  /** Milliseconds on a clock that never goes back. */
  clock(): number
  /** Logs our failure and returns the number by which it can be found. */
  incident(what: string, cause: unknown): string
}

/** The agent keeps the time. If it has not reported this long after every limit, the sandbox is not to be waited for. */
const graceMs = 5_000
/** The agent answers a cancel in milliseconds; one that does not is left to the removal of its sandbox. */
const cancelGraceMs = 1_000
/** The agent says four times a second what is used. Twice that, and a few for a machine that was held up, comes from something else. */
const usagesPerSecond = 8
const usagesToSpare = 8

/** The story of one run: get a sandbox, send it everything, pass on what happens, and say what the ending means. */
export function execute({ job, manifest, image, imageDigest, acquire, permit, clock, incident }: ExecuteOptions): Execution {
  const startedAt = clock()
  const at = () => clock() - startedAt
  const events = createEventQueue<UnnumberedEvent>(() => cancel('client'))
  const findings = createFindings(manifest, job)
  const output = createOutput((event) => {
    findings.shown(event)
    events.push(event)
  })
  const abandon = new AbortController()
  /** Stages that have started; those that have ended are in `exits`. */
  let begun = 0
  const exits: Exit[] = []
  const steps = stepsOf(manifest, job)
  const keep = keepOf(manifest, job)
  const keeping = createKeeping(keep, (artifact) => happened({ type: 'artifact', at: at(), ...artifact }))
  /** How the program ended, while the files it left are still on their way. */
  let decided: Verdict | undefined
  const notes: string[] = []
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
  let resizedEarly: TerminalSize | undefined
  /** Of the stage under way. */
  let stageSince = 0
  let outputBytes = 0
  let usages = 0
  let flushTimer: NodeJS.Timeout | undefined
  let backstop: NodeJS.Timeout | undefined
  const ended = Promise.withResolvers<void>()

  void begin()

  async function begin(): Promise<void> {
    try {
      // Packing does not wait for the sandbox, nor the sandbox for the packing.
      const [archive, acquired] = await Promise.all([archiveOf(job.files), acquire(abandon.signal).then(hold)])
      if (finished) return
      if (permit && !(await permit())) cancel('shutdown')
      if (finished) return
      // Cancelled when there was a sandbox and the packing went on.
      if (cancelledBy) return finish({ kind: 'cancelled', by: cancelledBy })
      lease = acquired
      acquired.sandbox.listen({ frame: take, end: lost })
      // One write: what travels together arrives together.
      acquired.sandbox.send(
        Buffer.concat([
          ...(keep ? [frames.keep(keep)] : []),
          frames.files(archive),
          ...steps.map(frames.step),
          ...(job.stdin.length > 0 ? [frames.stdin(job.stdin)] : []),
          ...typedEarly,
          ...(inputOpen ? [] : [frames.stdinEnd()]),
          ...(resizedEarly ? [frames.resize(resizedEarly)] : []),
          frames.go(),
        ]),
      )
      backstop = setTimeout(
        () => fail('the agent did not end the run in time', undefined),
        steps.reduce((sum, step) => sum + step.wallTimeMs, 0) + graceMs,
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
    const wrong = frame.type === 'fault' ? 'the agent could not run it' : hear(frame)
    if (wrong) fail(wrong, frame.type === 'fault' ? frame.message : undefined)
  }

  /** Returns what is wrong with a frame that no agent of ours would send now, else null. */
  function hear(frame: Exclude<AgentFrame, { type: 'fault' }>): string | null {
    switch (frame.type) {
      case 'begin':
        // Without this a sandbox that lies could fill the log with stages that never were.
        if (decided || begun !== exits.length || frame.stage !== steps[begun]?.stage)
          return 'the sandbox started a stage that was not its turn'
        begun++
        stage = frame.stage
        stageSince = at()
        outputBytes = usages = 0
        findings.stageBegan()
        happened({ type: 'started', at: at(), stage })
        break
      case 'output':
        if (!isUnderWay()) return 'the sandbox sent output of no stage'
        // The agent cuts at the limit. More than that comes from something that is not our agent any more.
        outputBytes += frame.bytes.length
        if (outputBytes > stageLimitsOf(job.limits, stage).output_bytes)
          return 'the sandbox sent more output than its agent lets through'
        findings.heard(frame.stream, frame.bytes)
        output.write(stage, frame.stream, frame.bytes, at())
        scheduleFlush()
        break
      case 'usage':
        if (!isUnderWay()) return 'the sandbox told the usage of no stage'
        usages++
        if (usages > usagesToSpare + ((at() - stageSince) / 1000) * usagesPerSecond) return 'the sandbox told its usage too often'
        happened({
          type: 'usage',
          at: at(),
          stage,
          cpu_ms: round(cpuMsOf(exits) + frame.cpuMs),
          memory_bytes: Math.min(frame.memoryBytes, job.limits.memory_bytes),
        })
        break
      case 'stacks':
        if (!isUnderWay() || !steps[begun - 1]?.stacks || !findings.answered(frame.bytes))
          return 'the sandbox sent stacks nobody asked for'
        break
      case 'done':
        if (!isUnderWay() || frame.exit.stage !== stage) return 'the sandbox ended a stage that had not started'
        stageEnded(frame.exit)
        break
      case 'file':
      case 'chunk':
      case 'not-kept':
        return decided ? keeping.take(frame) : 'the sandbox sent files before its program had ended'
      case 'kept':
        if (!decided || keeping.incomplete) return 'the sandbox had sent all files before it had'
        finish(decided)
        break
      case 'ready':
        return 'the agent said it was ready twice'
      default:
        frame satisfies never
    }
    return null
  }

  const isUnderWay = () => begun === exits.length + 1

  function stageEnded(exit: Exit): void {
    const step = steps[begun - 1]
    const ask = step?.stacks ?? null
    const by = endedByQuestion(exit, ask, findings.stacks(), stageLimitsOf(job.limits, stage))
    // The program went on and ended by itself: what came on the stream it was to answer on is its output after all.
    if (ask && (ask.from === 'stdout' || ask.from === 'stderr') && exit.stoppedBy === null && !by)
      exit = withOutput(exit, ask.from)
    exits.push(exit)
    output.endStage(exit.stage, at())
    if (exits.length < steps.length && !endsTheRun(exit)) return
    const verdict = verdictOf({ exit, cancelledBy, saidOutOfMemory: findings.saidOutOfMemory(), endedByQuestion: by })
    // Whoever cancels does not wait for files.
    if (!keep || verdict.kind === 'cancelled') {
      finish(verdict)
      return
    }
    inputOpen = false
    decided = verdict
    clearTimeout(backstop)
    backstop = setTimeout(() => finishWithoutFiles('the agent did not send the files in time'), graceMs)
  }

  /** Returns the exit that counts what the stage wrote to `stream` while it was being asked for its stacks. */
  function withOutput(exit: Exit, stream: 'stdout' | 'stderr'): Exit {
    const all = findings.takeAnswerBack()
    const allowed = all.subarray(0, Math.max(0, stageLimitsOf(job.limits, stage).output_bytes - outputBytes))
    output.write(stage, stream, allowed, at())
    const count = stream === 'stdout' ? 'stdoutBytes' : 'stderrBytes'
    const cut = allowed.length < all.length
    return {
      ...exit,
      [count]: exit[count] + all.length,
      truncated: { ...exit.truncated, [stream]: exit.truncated[stream] || cut },
    }
  }

  /** What was held back to be merged is flushed when its time has come, also if nothing follows it. */
  function scheduleFlush(): void {
    if (flushTimer || output.dueAt === undefined) return
    flushTimer = setTimeout(
      () => {
        flushTimer = undefined
        output.flush(at())
      },
      Math.max(0, output.dueAt - at()),
    )
  }

  function lost(reason: string): void {
    if (finished) return
    if (decided) finishWithoutFiles(reason)
    else if (cancelledBy) finish({ kind: 'cancelled', by: cancelledBy })
    else fail('the sandbox was lost', reason)
  }

  /** How the program ended is known, and stays so. */
  function finishWithoutFiles(reason: string): void {
    if (!decided) return
    notes.push(`Files of this run were lost (${incident('the files of a run were lost', reason)}).`)
    finish(decided)
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
    happened({ type: 'finished', at: at(), ...ending(verdict) })
    events.end()
    abandon.abort()
    // Of a run that did not end by itself something may still be going on in there.
    held?.release(verdict.kind === 'cancelled' || verdict.kind === 'sandbox-failed' ? 'at-once' : undefined)
    ended.resolve()
  }

  function ending(verdict: Verdict): Ending {
    const tests = findings.testsIn(keeping.report)
    const lostReport = keep?.report && decided && !tests ? [`The report of ${manifest.test?.framework} cannot be read.`] : []
    return endingOf({
      verdict,
      exits,
      limits: job.limits,
      diagnostics: findings.diagnostics(),
      stacks: verdict.kind === 'time-limit' ? findings.stacks() : [],
      tests,
      notes: [...(lease ? findings.notes(lease.sandbox.mayTalkToItself) : []), ...notes, ...keeping.notes, ...lostReport],
    })
  }

  function cancel(by: CancelledBy): void {
    if (finished || cancelledBy) return
    cancelledBy = by
    // The program has ended by itself; nobody waits for its files any more.
    if (decided) {
      finish(decided)
      return
    }
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
    acquired: () => held?.acquired ?? null,
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
      if (finished || decided || !lease) return false
      happened({ type: 'signal', at: at(), signal })
      lease.sandbox.send(frames.signal(signalNumber(signal)))
      return true
    },
    resize(size: TerminalSize) {
      if (finished || decided || !job.tty) return false
      happened({ type: 'resize', at: at(), ...size })
      if (lease) lease.sandbox.send(frames.resize(size))
      else resizedEarly = size
      return true
    },
    cancel,
  }
}
