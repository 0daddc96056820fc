import type { Status, Verdict } from '../../protocol/run.ts'
import { statusOf } from '../../protocol/words.ts'

/** How an ending feels, which is what its colour and sign tell. */
export type Tone = 'good' | 'bad' | 'limit' | 'neutral'

export function toneOf(verdict: Verdict): Tone {
  switch (verdict.kind) {
    case 'time-limit':
    case 'memory-limit':
    case 'output-limit':
    case 'process-limit':
      return 'limit'
    case 'cancelled':
    case 'interrupted':
      return 'neutral'
    case 'exited':
    case 'signaled':
    case 'compile-failed':
    case 'sandbox-failed':
      return statusOf(verdict) === 'completed' ? 'good' : 'bad'
    default:
      return verdict satisfies never
  }
}

/** For a run that may not have ended. */
export const toneOfRun = (run: { verdict: Verdict | null; status: Status }): Tone | 'live' =>
  run.verdict ? toneOf(run.verdict) : 'live'
