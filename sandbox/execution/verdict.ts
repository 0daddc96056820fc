import type { StacksManifest } from '../../protocol/language.ts'
import type { Signal, Verdict } from '../../protocol/run.ts'
import type { CancelledBy } from '../executor.ts'
import type { Exit } from './frames.ts'

/** Names by number on Linux (signal(7), x86 and arm), whatever machine the server runs on. */
const signalNames =
  'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS'.split(
    ' ',
  )

export function signalName(number: number): string {
  return signalNames[number - 1] ?? `SIG${number}`
}

/** The C library keeps the first two real-time signals, 32 and 33, for itself. */
const firstRealTimeSignal = 34

export function signalNumber(signal: Signal | NonNullable<StacksManifest['signal']>): number {
  if (signal === 'SIGRTMIN+14') return firstRealTimeSignal + 14
  return signalNames.indexOf(signal) + 1
}

export type Facts = {
  exit: Exit
  /** Who asked for a stop, if anybody did. */
  cancelledBy: CancelledBy | null
  /** The runtime itself said it ran out of memory (see `memory_messages` of the language). */
  saidOutOfMemory: boolean
  /** The clock that was about to stop it when it was asked for its stacks, and that question is what ended it. */
  endedByQuestion: 'wall' | 'cpu' | null
}

/** What the bare facts of an ending mean. The first cause wins: what we stopped is judged by why, whatever it did on its way out. */
export function verdictOf({ exit, cancelledBy, saidOutOfMemory, endedByQuestion }: Facts): Verdict {
  switch (exit.stoppedBy) {
    case 'cancel':
      return { kind: 'cancelled', by: cancelledBy ?? 'user' }
    case 'wall-time':
      return { kind: 'time-limit', clock: 'wall' }
    case 'cpu-time':
      return { kind: 'time-limit', clock: 'cpu' }
    case 'output-stdout':
      return { kind: 'output-limit', stream: 'stdout' }
    case 'output-stderr':
      return { kind: 'output-limit', stream: 'stderr' }
    case null:
      break
    default:
      exit.stoppedBy satisfies never
  }
  if (exit.exitCode === 0) return { kind: 'exited', exit_code: 0 }
  if (endedByQuestion) return { kind: 'time-limit', clock: endedByQuestion }
  // A process the kernel killed for memory also reports SIGKILL, so memory is asked about before signals.
  // The killed one may be a child, and the program then fails in its own way: the cause is still memory.
  if (exit.oomKilled || saidOutOfMemory) return { kind: 'memory-limit' }
  if (exit.forkRefused) return { kind: 'process-limit' }
  if (exit.stage === 'compile') return { kind: 'compile-failed', exit_code: exit.exitCode ?? 128 + (exit.signal ?? 0) }
  if (exit.signal !== null) return { kind: 'signaled', signal: signalName(exit.signal) }
  return { kind: 'exited', exit_code: exit.exitCode ?? 0 }
}
