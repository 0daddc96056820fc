import { z } from 'zod'

export const KiB = 1024
export const MiB = 1024 * KiB

/** What one stage may use for itself. The words are those of Limits. */
export const StageLimits = z
  .strictObject({
    wall_time_ms: z.number().int().min(1).max(60_000),
    cpu_time_ms: z.number().int().min(1).max(60_000),
    output_bytes: z
      .number()
      .int()
      .min(1)
      .max(1 * MiB),
  })
  .meta({ id: 'StageLimits' })
export type StageLimits = z.infer<typeof StageLimits>

/** What a sandbox allows a program. A run is told which of these ended it. */
export const Limits = z
  .strictObject({
    /** The clock on the wall, counted per stage from the moment the program starts. */
    wall_time_ms: z.number().int().min(1).max(60_000),
    /** Processor time of all the program's processes together. */
    cpu_time_ms: z.number().int().min(1).max(60_000),
    /** Memory of the whole sandbox, its files in /workspace and /tmp included. There is no swap. */
    memory_bytes: z
      .number()
      .int()
      .min(32 * MiB)
      .max(256 * MiB),
    /** Processes and threads at one time. */
    processes: z.number().int().min(4).max(128),
    /** stdout and stderr together. Beyond a terminal's worth of scrolling nobody reads and browsers suffer. */
    output_bytes: z
      .number()
      .int()
      .min(1)
      .max(1 * MiB),
    /** What the compile stage has instead; memory and processes are of the sandbox, so of both. Absent in runs of the first release. */
    compile: StageLimits.optional(),
  })
  .meta({ id: 'Limits', description: 'What the sandbox allowed the program.' })
export type Limits = z.infer<typeof Limits>

export const defaultLimits: Limits & { compile: StageLimits } = {
  wall_time_ms: 10_000,
  cpu_time_ms: 10_000,
  memory_bytes: 256 * MiB,
  processes: 128,
  output_bytes: 1 * MiB,
  // A template-heavy C++ file or a Rust crate takes its time, and nobody reads a megabyte of compiler messages.
  compile: { wall_time_ms: 30_000, cpu_time_ms: 30_000, output_bytes: 256 * KiB },
}

/** The limits of one stage: the run's own, or what the compiler has. */
export function stageLimitsOf(limits: Limits, stage: 'compile' | 'run'): StageLimits {
  return stage === 'compile' && limits.compile ? limits.compile : limits
}

/** What one request may carry. The larger is refused at the door, before anything is stored or started. */
export const requestLimits = {
  /** All files of a run together, decoded. */
  filesBytes: 1 * MiB,
  files: 100,
  pathChars: 200,
  stdinBytes: 1 * MiB,
  args: 64,
  env: 64,
  /** One argument or environment value; the kernel refuses strings over 128 KiB. */
  argChars: 8 * KiB,
  /** The JSON text of a request. Every byte of a file may need six characters there (\u0000). */
  bodyBytes: 14 * MiB,
  /** Patterns of files to give back, and what comes back at most; a file beyond it is named in the run's notes. */
  artifactPatterns: 16,
  artifacts: 16,
  artifactBytes: 2 * MiB,
  artifactsBytes: 4 * MiB,
  flags: 32,
  /** One file to be formatted. Longer ones are data, and formatters are not quick. */
  formatBytes: 256 * KiB,
  /** Tests a run may name; more than one looks at. Together they are one command line. */
  tests: 200,
  /** What one stdin message to a running program may carry. */
  stdinMessageBytes: 64 * KiB,
} as const
