import type { StackFrame } from './diagnostic.ts'
import type { Limits } from './limits.ts'
import { MiB } from './limits.ts'
import type { Ending, Status, Verdict } from './run.ts'

/** The first release's words for how a run stands. */
export function statusOf(verdict: Verdict): Status {
  switch (verdict.kind) {
    case 'exited':
      return verdict.exit_code === 0 ? 'completed' : 'error'
    case 'time-limit':
      return 'timeout'
    case 'cancelled':
      return 'cancelled'
    case 'signaled':
    case 'compile-failed':
    case 'memory-limit':
    case 'output-limit':
    case 'process-limit':
    case 'interrupted':
    case 'sandbox-failed':
      return 'error'
    default:
      return verdict satisfies never
  }
}

/** One sentence for people who never read a manual: what ended it, which limit, and what the program used of it. */
export function messageOf({ verdict, limit }: Pick<Ending, 'verdict' | 'limit'>, limits: Limits): string {
  // The stage's own value where it is known; runs of the first release know only the run's.
  const value = limit?.value
  const who = limit?.stage === 'compile' ? 'The compiler was stopped' : 'Stopped'
  switch (verdict.kind) {
    case 'exited':
      return verdict.exit_code === 0 ? 'Finished' : `Exited with code ${verdict.exit_code}`
    case 'signaled':
      return `Ended by ${verdict.signal}${signalMeaning[verdict.signal] ? ` (${signalMeaning[verdict.signal]})` : ''}`
    case 'compile-failed':
      return 'Did not compile'
    case 'time-limit': {
      const stuck = verdict.stuck_at ? `, stuck at ${placeOf(verdict.stuck_at)}` : ''
      return verdict.clock === 'wall'
        ? `${who} after ${seconds(value ?? limits.wall_time_ms)}${stuck}`
        : `${who} after ${seconds(value ?? limits.cpu_time_ms)} of processor time${stuck}`
    }
    case 'memory-limit':
      return `${who}: used more than ${bytes(value ?? limits.memory_bytes)} of memory`
    case 'output-limit':
      return `${who}: wrote more than ${bytes(value ?? limits.output_bytes)} of output`
    case 'process-limit':
      return `Failed: needed more than ${value ?? limits.processes} processes and threads at once`
    case 'cancelled':
      return { user: 'Stopped by hand', client: 'Stopped: the caller went away', shutdown: 'Stopped: the server was shut down' }[
        verdict.by
      ]
    case 'interrupted':
      return 'Interrupted: the server stopped while the program was running. Run it again'
    case 'sandbox-failed':
      return `The sandbox failed, not your program. Run it again; if it happens twice, report incident ${verdict.incident}`
    default:
      return verdict satisfies never
  }
}

/** "main.py:7 in wait_for_it" */
export const placeOf = ({ file, line, function: name }: StackFrame): string =>
  `${line > 0 ? `${file}:${line}` : file}${name ? ` in ${name}` : ''}`

const signalMeaning: Record<string, string> = {
  SIGSEGV: 'it touched memory that is not its own',
  SIGABRT: 'it aborted itself',
  SIGFPE: 'impossible arithmetic, such as a division by zero',
  SIGILL: 'an instruction the processor does not know',
  SIGBUS: 'a memory access that cannot be done',
  SIGKILL: 'killed',
  SIGPIPE: 'it wrote to something that was closed',
  SIGTERM: 'asked to end',
  SIGINT: 'interrupted',
  SIGSYS: 'a system call the sandbox forbids',
  SIGXFSZ: 'a file grew too large',
}

export function seconds(ms: number): string {
  // Most programs here take a few milliseconds: "0 s" would say nothing.
  if (ms > 0 && ms < 100) return `${Math.max(1, Math.round(ms))} ms`
  return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))} s`
}

export function bytes(count: number): string {
  if (count >= MiB) return `${Number((count / MiB).toFixed(1))} MiB`
  return count >= 1024 ? `${Number((count / 1024).toFixed(1))} KiB` : `${count} bytes`
}

/** "Finished in 0.12 s", "Stopped after 10 s": the message with the time where it says something. */
export function headlineOf(ending: Ending, limits: Limits): string {
  const message = messageOf(ending, limits)
  return ending.verdict.kind === 'exited' ? `${message} in ${seconds(ending.duration_ms)}` : message
}
