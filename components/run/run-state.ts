import type { ErrorCode, Issue } from '../../protocol/errors.ts'
import { isAppError } from '../../protocol/errors.ts'
import type { Run, RunEvent } from '../../protocol/run.ts'
import { applyEvents, emptyTranscript, type Transcript } from '../../protocol/transcript.ts'

/** What the page needs to know of a run beside its events. */
export type RunHead = Pick<Run, 'run_id' | 'language' | 'version' | 'limits' | 'created_at' | 'files' | 'tty' | 'only'>

/** How the events come: not yet, as they happen, or again soon. */
export type Link = 'connecting' | 'live' | 'reconnecting'

/** Why something asked of the server was not done, in its words. */
export type Refusal = { code: ErrorCode; message: string; issues: readonly Issue[] }

export type RunState =
  | { kind: 'none' }
  | { kind: 'starting' }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'following'; run: RunHead; transcript: Transcript; link: Link; problem: Refusal | null }

export type RunAction =
  | { type: 'start' }
  | { type: 'refused'; refusal: Refusal }
  | { type: 'found'; run: RunHead; transcript?: Transcript }
  | { type: 'events'; runId: string; events: readonly RunEvent[] }
  | { type: 'link'; link: Link }
  /** Something asked of the run under way was refused; null takes the notice away. */
  | { type: 'problem'; problem: Refusal | null }
  | { type: 'clear' }

export function runReducer(state: RunState, action: RunAction): RunState {
  switch (action.type) {
    case 'start':
      return { kind: 'starting' }
    case 'refused':
      return { kind: 'refused', refusal: action.refusal }
    case 'clear':
      return { kind: 'none' }
    case 'found':
      return {
        kind: 'following',
        run: action.run,
        transcript: action.transcript ?? emptyTranscript,
        link: 'connecting',
        problem: null,
      }
    case 'events': {
      // Late events of a run that was left for another.
      if (state.kind !== 'following' || state.run.run_id !== action.runId) return state
      const transcript = applyEvents(state.transcript, action.events)
      return transcript === state.transcript ? state : { ...state, transcript, link: 'live' }
    }
    case 'link':
      return state.kind === 'following' && state.link !== action.link ? { ...state, link: action.link } : state
    case 'problem':
      return state.kind === 'following' ? { ...state, problem: action.problem } : state
    default:
      return action satisfies never
  }
}

export type Phase = 'none' | 'starting' | 'refused' | 'waiting' | 'compiling' | 'running' | 'ended'

export function phaseOf(state: RunState): Phase {
  if (state.kind !== 'following') return state.kind
  const { ending, startedAt, stage } = state.transcript
  if (ending) return 'ended'
  if (startedAt === null) return 'waiting'
  return stage === 'compile' ? 'compiling' : 'running'
}

export const isUnderWay = (phase: Phase): boolean =>
  phase === 'starting' || phase === 'waiting' || phase === 'compiling' || phase === 'running'

/** Any thrown thing as words for the person at the page. */
export function refusalOf(error: unknown): Refusal {
  if (isAppError(error)) return { code: error.code, message: error.message, issues: error.issues ?? [] }
  return { code: 'internal', message: 'Something went wrong in this page. Reload it and try again.', issues: [] }
}
