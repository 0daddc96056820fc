import { useMemo } from 'react'
import type { Transcript } from '../../protocol/transcript.ts'
import type { RunHead } from '../run/run-state.ts'
import { useRun } from '../run/use-run.ts'
import { lengthOf, transcriptAt } from './moment.ts'
import { useReplay } from './use-replay.ts'

/**
 * A run that the server sent along, followed while it goes on and replayed once it has ended. `whole` is all that is known of it,
 * `shown` what there was at the moment the replay stands at; while the run goes on there is only the present.
 */
export function useReplayedRun(run: RunHead, transcript: Transcript) {
  const known = useMemo(() => ({ run, transcript }), [run, transcript])
  const { state, lost, retry } = useRun({ known })
  const whole = state.kind === 'following' ? state.transcript : transcript
  const replay = useReplay(lengthOf(whole))
  const shown = whole.ending ? transcriptAt(whole, replay.position) : whole
  return { state, lost, retry, whole, shown, replay }
}
