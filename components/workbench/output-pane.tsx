'use client'
import type { RefObject } from 'react'
import { emptyTranscript } from '../../protocol/transcript.ts'
import { Console } from '../console/console.tsx'
import { InputLine } from '../console/input-line.tsx'
import type { Place } from '../editor/marks.ts'
import { Findings } from '../findings/findings.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { phaseOf, type RunState } from '../run/run-state.ts'
import { RunStatus } from '../run/run-status.tsx'
import { VerdictLine } from '../run/verdict-line.tsx'
import { EmptyOutput } from './empty-output.tsx'

/** What the program says, how it stands, and what it left. */
export function OutputPane({
  state,
  output,
  onType,
  onEndInput,
  onPlace,
}: {
  state: RunState
  /** Where the output is, to be focused. */
  output: RefObject<HTMLDivElement | null>
  onType(text: string): void
  onEndInput(): void
  /** Somebody wants to see a place in the code. */
  onPlace(place: Place): void
}) {
  const following = state.kind === 'following' ? state : null
  return (
    <Console
      transcript={following?.transcript ?? emptyTranscript}
      status={<RunStatus state={state} />}
      empty={<EmptyOutput state={state} />}
      output={output}
    >
      {following?.problem && <RefusalNotice refusal={following.problem} />}
      {following && phaseOf(state) === 'running' && (
        <InputLine key={following.run.run_id} ended={following.transcript.inputEnded} onType={onType} onEnd={onEndInput} />
      )}
      {following && <Findings runId={following.run.run_id} transcript={following.transcript} onPlace={onPlace} />}
      {following?.transcript.ending && <VerdictLine ending={following.transcript.ending} limits={following.run.limits} />}
    </Console>
  )
}
