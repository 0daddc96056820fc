import type { Diagnostic, ThreadStack } from '../../protocol/diagnostic.ts'
import { type Limits, stageLimitsOf } from '../../protocol/limits.ts'
import type { Ending, LimitReached, Verdict } from '../../protocol/run.ts'
import type { TestReport } from '../../protocol/test-report.ts'
import type { Exit } from './frames.ts'
import { stuckAt } from './stacks.ts'
import { signalName } from './verdict.ts'

/** Whether no stage may follow this one. */
export function endsTheRun(exit: Exit): boolean {
  return exit.last || exit.stoppedBy !== null || exit.exitCode !== 0
}

/** What a run left behind for its ending to be told from. */
export type Remains = {
  verdict: Verdict
  /** Of the stages that ended, in order. */
  exits: readonly Exit[]
  limits: Limits
  diagnostics: Diagnostic[]
  stacks: ThreadStack[]
  tests: TestReport | null
  notes: readonly string[]
}

/** The facts of a finished run, in the words of the API. */
export function endingOf({ verdict, exits, limits, diagnostics, stacks, tests, notes }: Remains): Ending {
  // A compiler that did its work is not how the program ended.
  const last = exits.findLast(endsTheRun)
  const run = exits.findLast((exit) => exit.stage === 'run')
  const limit = last && limitOf(verdict, last, limits)
  const atLimit = verdict.kind === 'time-limit'
  const stuck = atLimit ? stuckAt(stacks) : undefined
  return {
    verdict: atLimit && stuck ? { ...verdict, stuck_at: stuck } : verdict,
    exit_code: last ? (last.exitCode ?? (last.signal === null ? null : 128 + last.signal)) : null,
    signal: last?.signal ? signalName(last.signal) : null,
    oom: verdict.kind === 'memory-limit' || exits.some((exit) => exit.oomKilled),
    usage: { cpu_ms: round(cpuMsOf(exits)), memory_peak_bytes: Math.max(0, ...exits.map((exit) => memoryPeakOf(exit, limits))) },
    duration_ms: round(exits.reduce((sum, exit) => sum + exit.wallMs, 0)),
    // A compiler's output is its own: these count what the program wrote.
    stdout_bytes: run?.stdoutBytes ?? 0,
    stderr_bytes: run?.stderrBytes ?? 0,
    truncated: { stdout: exits.some((exit) => exit.truncated.stdout), stderr: exits.some((exit) => exit.truncated.stderr) },
    ...(limit ? { limit } : {}),
    ...(diagnostics.length > 0 ? { diagnostics } : {}),
    ...(atLimit && stacks.length > 0 ? { stacks } : {}),
    ...(tests ? { tests } : {}),
    ...(notes.length > 0 ? { notes: [...notes] } : {}),
  }
}

/** The limit that ended the program, and what it had used of it; undefined where none did. */
export function limitOf(verdict: Verdict, exit: Exit, limits: Limits): LimitReached | undefined {
  const { stage } = exit
  const own = stageLimitsOf(limits, stage)
  switch (verdict.kind) {
    case 'time-limit':
      return verdict.clock === 'wall'
        ? { name: 'wall_time_ms', stage, value: own.wall_time_ms, used: round(exit.wallMs) }
        : { name: 'cpu_time_ms', stage, value: own.cpu_time_ms, used: round(exit.cpuMs) }
    case 'memory-limit': {
      // The kernel kills when the last byte is gone; the agent's look, some times a second, may have missed that moment.
      const used = exit.oomKilled ? limits.memory_bytes : memoryPeakOf(exit, limits)
      return { name: 'memory_bytes', stage, value: limits.memory_bytes, used }
    }
    case 'output-limit':
      return { name: 'output_bytes', stage, value: own.output_bytes, used: exit.stdoutBytes + exit.stderrBytes }
    case 'process-limit':
      // One more was refused, so all of them were in use.
      return { name: 'processes', stage, value: limits.processes, used: limits.processes }
    case 'exited':
    case 'signaled':
    case 'compile-failed':
    case 'cancelled':
    case 'interrupted':
    case 'sandbox-failed':
      return undefined
    default:
      return verdict satisfies never
  }
}

export const cpuMsOf = (exits: readonly Exit[]): number => exits.reduce((sum, exit) => sum + exit.cpuMs, 0)

/** A process's resident size counts the runtime's own code as well, which is shared and charged to nobody: never more than there was. */
const memoryPeakOf = (exit: Exit, limits: Limits): number => Math.min(limits.memory_bytes, exit.memoryPeakBytes)

export const round = (ms: number): number => Math.round(ms * 1000) / 1000
