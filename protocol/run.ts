import { z } from 'zod'
import { Diagnostic, StackFrame, ThreadStack } from './diagnostic.ts'
import { RunId } from './ids.ts'
import { LanguageId } from './language.ts'
import { Limits, requestLimits, StageLimits } from './limits.ts'
import { TestName, TestReport } from './test-report.ts'

export const Stage = z.enum(['compile', 'run'])
export type Stage = z.infer<typeof Stage>

export const Stream = z.enum(['stdout', 'stderr'])
export type Stream = z.infer<typeof Stream>

/** What a person may send to a running program. Stopping it for good is `cancel`. */
export const Signal = z.enum(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'])
export type Signal = z.infer<typeof Signal>

/** What the ending means. The words of the program's own doing come first, then ours. */
export const Verdict = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('exited'), exit_code: z.number().int() }),
    z.strictObject({ kind: z.literal('signaled'), signal: z.string() }),
    z.strictObject({ kind: z.literal('compile-failed'), exit_code: z.number().int() }),
    z.strictObject({
      kind: z.literal('time-limit'),
      clock: z.enum(['wall', 'cpu']),
      /** Where the program was when its time ran out: the innermost frame of its own code. Absent where the runtime could not be asked. */
      stuck_at: StackFrame.optional(),
    }),
    z.strictObject({ kind: z.literal('memory-limit') }),
    z.strictObject({ kind: z.literal('output-limit'), stream: Stream }),
    z.strictObject({ kind: z.literal('process-limit') }),
    /** `client`: the caller that waited for the answer went away. */
    z.strictObject({ kind: z.literal('cancelled'), by: z.enum(['user', 'client', 'shutdown']) }),
    /** The server that ran it died; what it had said until then is kept. */
    z.strictObject({ kind: z.literal('interrupted') }),
    /** Our failure, with a number to quote. */
    z.strictObject({ kind: z.literal('sandbox-failed'), incident: z.string() }),
  ])
  .meta({ id: 'Verdict', description: 'Why the program ended.' })
export type Verdict = z.infer<typeof Verdict>

export const Status = z.enum(['queued', 'running', 'completed', 'error', 'timeout', 'cancelled']).meta({
  id: 'Status',
  description: '`completed` is exit code 0; `error` any other ending of the program; the first two are not final.',
})
export type Status = z.infer<typeof Status>

export const Usage = z
  .strictObject({ cpu_ms: z.number(), memory_peak_bytes: z.number().int() })
  .meta({ id: 'Usage', description: 'What the program used, all stages and all its processes together.' })
export type Usage = z.infer<typeof Usage>

/** The limit that ended a run: which one, in which stage, its value, and what was used of it, in the unit of the limit. */
export const LimitReached = z
  .strictObject({
    name: z.enum(['wall_time_ms', 'cpu_time_ms', 'memory_bytes', 'processes', 'output_bytes']),
    stage: Stage,
    value: z.number(),
    /** Of memory: the peak the kernel counted. Of output: what was written before the stop. */
    used: z.number(),
  })
  .meta({ id: 'LimitReached' })
export type LimitReached = z.infer<typeof LimitReached>

/** The facts of a finished run, written once, as the last event of its log. */
export const Ending = z.strictObject({
  verdict: Verdict,
  /** 128 + the signal's number when a signal ended it; null when no program ran to its end. */
  exit_code: z.number().int().nullable(),
  signal: z.string().nullable(),
  /** The kernel killed something in this sandbox for memory, or the runtime said it ran out. */
  oom: z.boolean(),
  usage: Usage,
  /** From the first stage's start to the last one's end. */
  duration_ms: z.number(),
  /** What the program wrote, also beyond the cap. */
  stdout_bytes: z.number().int(),
  stderr_bytes: z.number().int(),
  truncated: z.strictObject({ stdout: z.boolean(), stderr: z.boolean() }),
  // Runs of the first release have none of what follows.
  limit: LimitReached.optional(),
  /** Where the errors are: compiler messages, tracebacks, stack traces. */
  diagnostics: z.array(Diagnostic).optional(),
  /** Every thread as it stood when the wall time ran out. */
  stacks: z.array(ThreadStack).optional(),
  /** Of a run in test mode. */
  tests: TestReport.optional(),
  /** What people should know beside the verdict, a sentence each: a file that was not kept, a thing this sandbox refuses. */
  notes: z.array(z.string()).optional(),
})
export type Ending = z.infer<typeof Ending>

/** In characters. */
export const TerminalSize = z
  .strictObject({ columns: z.number().int().min(1).max(1000), rows: z.number().int().min(1).max(1000) })
  .meta({ id: 'TerminalSize' })
export type TerminalSize = z.infer<typeof TerminalSize>

const numbered = {
  /** Counts from 0 without gaps. A reader that has seen n asks for what comes after n. */
  seq: z.number().int().min(0),
  /** Milliseconds since the run was accepted. */
  at: z.number().min(0),
}

/** What happened, in order. Everything that shows a run is a fold over these. */
export const RunEvent = z
  .discriminatedUnion('type', [
    /** The program of this stage started. A run that waited for a sandbox has its first one late. */
    z.strictObject({
      ...numbered,
      type: z.literal('started'),
      stage: Stage,
      /** Where several machines have the image, each built its own: the digest of the one that ran it. */
      image_digest: z.string().optional(),
    }),
    /** Text as the program wrote it: whole characters, bytes that are no UTF-8 (and NUL) as U+FFFD, at most 64 KiB. */
    z.strictObject({ ...numbered, type: z.literal('output'), stage: Stage, stream: Stream, text: z.string() }),
    /** Somebody typed. Input given with the request is not repeated here. */
    z.strictObject({ ...numbered, type: z.literal('input'), text: z.string() }),
    z.strictObject({ ...numbered, type: z.literal('input-end') }),
    z.strictObject({ ...numbered, type: z.literal('signal'), signal: Signal }),
    /** The terminal of a run with `tty` has another size. */
    z.strictObject({ ...numbered, type: z.literal('resize'), ...TerminalSize.shape }),
    /** What the program uses now; comes some times a second while it runs, and not at all in a short run. */
    z.strictObject({ ...numbered, type: z.literal('usage'), stage: Stage, cpu_ms: z.number(), memory_bytes: z.number().int() }),
    /** A file of the program's that the request asked for. */
    z.strictObject({
      ...numbered,
      type: z.literal('artifact'),
      path: z.string(),
      media_type: z.string(),
      bytes: z.number().int(),
      /** Base64. */
      content: z.string(),
    }),
    /** Always the last one. */
    z.strictObject({ ...numbered, type: z.literal('finished'), ...Ending.shape }),
  ])
  .meta({ id: 'RunEvent' })
export type RunEvent = z.infer<typeof RunEvent>
/** An event before the log has numbered it. */
export type UnnumberedEvent = RunEvent extends infer E ? (E extends unknown ? Omit<E, 'seq'> : never) : never

export const RunFile = z
  .strictObject({ path: z.string(), content: z.string(), encoding: z.enum(['utf8', 'base64']).optional() })
  .meta({ id: 'RunFile', description: 'A file in /workspace.' })
export type RunFile = z.infer<typeof RunFile>

const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'A variable name is letters, digits and _, and does not start with a digit.')
const plainText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\0'), 'A NUL character cannot be passed to a program this way.')

/** `test` runs the language's test framework over the files instead of the entry file. */
export const Mode = z.enum(['run', 'test'])
export type Mode = z.infer<typeof Mode>

/** Added to the compiler's or the interpreter's command line. Only what GET /api/languages lists is allowed. */
export const Flags = z
  .strictObject({
    compile: z.array(plainText(200)).max(requestLimits.flags).optional(),
    run: z.array(plainText(200)).max(requestLimits.flags).optional(),
  })
  .meta({ id: 'Flags' })
export type Flags = z.infer<typeof Flags>

/** The body of POST /api/runs. Either `code` (which becomes the language's entry file) or `files`. */
export const RunRequest = z
  .strictObject({
    language: z.string(),
    /** A semver range over the installed versions: "3", "3.11", ">=20 <24", "~21". Without it, the language's first. */
    version: z.string().max(64).optional(),
    mode: Mode.optional(),
    /** In test mode: these tests alone, each as a report of the same files names it. */
    only: z.array(TestName).min(1).max(requestLimits.tests).optional(),
    code: z.string().optional(),
    files: z.array(RunFile).optional(),
    /** Which file starts; without it the language's own entry name, or the only file. */
    entry: z.string().max(requestLimits.pathChars).optional(),
    stdin: z.string().optional(),
    args: z.array(plainText(requestLimits.argChars)).max(requestLimits.args).optional(),
    env: z
      .record(envName, plainText(requestLimits.argChars))
      .refine((env) => Object.keys(env).length <= requestLimits.env, `At most ${requestLimits.env} variables.`)
      .optional(),
    timeout_sec: z.number().int().min(1).max(60).optional(),
    limits: Limits.omit({ wall_time_ms: true, compile: true }).extend({ compile: StageLimits.partial() }).partial().optional(),
    flags: Flags.optional(),
    /** A real terminal instead of pipes: stdout and stderr are one stream, and the program may be resized. `true` is 80 by 24. */
    tty: z.union([z.boolean(), TerminalSize]).optional(),
    /** Files to give back when the program has ended, as glob patterns under /workspace: ["*.png", "out/**"]. */
    artifacts: z.array(z.string().min(1).max(requestLimits.pathChars)).max(requestLimits.artifactPatterns).optional(),
    /** False: answer 202 at once and keep stdin open for what is typed. */
    wait: z.boolean().optional(),
  })
  .meta({ id: 'RunRequest' })
export type RunRequest = z.infer<typeof RunRequest>

/** A run as the API shows it, live or finished. */
export const Run = z
  .strictObject({
    run_id: RunId,
    language: LanguageId,
    version: z.string(),
    mode: Mode,
    status: Status,
    verdict: Verdict.nullable(),
    /** One sentence for people: "Stopped: used more than 256 MiB of memory". */
    message: z.string(),
    stdout: z.string(),
    /** Of a program that did not compile: what the compiler wrote to it. */
    stderr: z.string(),
    /** What the compiler wrote, both of its streams in order. Only languages with a compile stage have it. */
    compile_output: z.string().optional(),
    stdout_bytes: z.number().int(),
    stderr_bytes: z.number().int(),
    truncated: z.strictObject({ stdout: z.boolean(), stderr: z.boolean() }),
    exit_code: z.number().int().nullable(),
    signal: z.string().nullable(),
    oom: z.boolean(),
    image: z.string(),
    image_digest: z.string(),
    limits: Limits,
    usage: Usage.nullable(),
    /** The limit that ended it, if one did. */
    limit: LimitReached.nullable(),
    diagnostics: z.array(Diagnostic),
    stacks: z.array(ThreadStack),
    tests: TestReport.nullable(),
    /** The tests it was asked for; empty where it was all of them. */
    only: z.array(TestName),
    /** What the program left that the request asked for; the bytes are at `url`. */
    artifacts: z.array(z.strictObject({ path: z.string(), media_type: z.string(), bytes: z.number().int(), url: z.string() })),
    notes: z.array(z.string()),
    flags: Flags,
    tty: TerminalSize.nullable(),
    queued_ms: z.number().nullable(),
    duration_ms: z.number().nullable(),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    completed_at: z.iso.datetime().nullable(),
    files: z.array(RunFile),
    entry: z.string(),
    stdin: z.string(),
    args: z.array(z.string()),
    url: z.string(),
    /** What its owner calls it. */
    name: z.string().nullable(),
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

/** A line of the history. */
export const RunSummary = Run.pick({
  run_id: true,
  language: true,
  version: true,
  status: true,
  verdict: true,
  message: true,
  duration_ms: true,
  created_at: true,
  url: true,
  name: true,
})
  .extend({
    /** The first line of code that is not blank, at most 120 characters. */ excerpt: z.string(),
    /** Its owner wants it at hand. */ pinned: z.boolean(),
  })
  .meta({ id: 'RunSummary' })
export type RunSummary = z.infer<typeof RunSummary>
