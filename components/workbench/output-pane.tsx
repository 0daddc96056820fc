'use client'
import { type RefObject, useMemo } from 'react'
import type { Limits } from '../../protocol/limits.ts'
import type { TerminalSize } from '../../protocol/run.ts'
import { emptyTranscript } from '../../protocol/transcript.ts'
import { Console } from '../console/console.tsx'
import { InputLine } from '../console/input-line.tsx'
import { Findings } from '../findings/findings.tsx'
import type { TestRunner } from '../findings/test-runner.ts'
import { type Advice, adviceOf } from '../run/advice.ts'
import { LiveStrip } from '../run/live-strip.tsx'
import { type Place, PlacesProvider } from '../run/place.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { phaseOf, type RunState } from '../run/run-state.ts'
import { RunStatus } from '../run/run-status.tsx'
import { VerdictLine } from '../run/verdict-line.tsx'
import { Button } from '../ui/button.tsx'
import { EmptyOutput } from './empty-output.tsx'

/** What the program says, how it stands, and what it left. */
export function OutputPane({
  state,
  output,
  onType,
  onEndInput,
  onResize,
  onPlace,
  onRaise,
  onAgain,
  tests,
}: {
  state: RunState
  /** Where the output is, to be focused. */
  output: RefObject<HTMLDivElement | null>
  onType(text: string): void
  onEndInput(): void
  /** The terminal has another size. */
  onResize(size: TerminalSize): void
  /** Somebody wants to see a place in the code. */
  onPlace(place: Place): void
  /** Runs it once more, with these limits. */
  onRaise(limits: Partial<Limits>): void
  onAgain(): void
  /** Runs tests of the report; null where they cannot be chosen. */
  tests: Omit<TestRunner, 'partial'> | null
}) {
  const following = state.kind === 'following' ? state : null
  const files = following?.run.files
  const ending = following?.transcript.ending ?? null
  const places = useMemo(() => ({ paths: (files ?? []).map(({ path }) => path), go: onPlace }), [files, onPlace])
  return (
    <PlacesProvider places={places}>
      <Console
        transcript={following?.transcript ?? emptyTranscript}
        status={<RunStatus state={state} />}
        empty={<EmptyOutput state={state} />}
        output={output}
        terminal={
          following?.run.tty
            ? {
                size: following.transcript.terminal ?? following.run.tty,
                live: phaseOf(state) === 'running',
                onType,
                onResize,
              }
            : null
        }
      >
        {following?.problem && <RefusalNotice refusal={following.problem} />}
        {following && !following.run.tty && phaseOf(state) === 'running' && (
          <InputLine key={following.run.run_id} ended={following.transcript.inputEnded} onType={onType} onEnd={onEndInput} />
        )}
        {following && (
          <Findings
            runId={following.run.run_id}
            transcript={following.transcript}
            runner={tests && { ...tests, partial: following.run.only.length > 0 }}
          />
        )}
        {following && !ending && <LiveStrip usage={following.transcript.usage} limits={following.run.limits} />}
        {following && ending && (
          <VerdictLine ending={ending} limits={following.run.limits}>
            <AdviceButton
              advice={adviceOf(ending, following.run.limits, places.paths)}
              onPlace={onPlace}
              onRaise={onRaise}
              onAgain={onAgain}
            />
          </VerdictLine>
        )}
      </Console>
    </PlacesProvider>
  )
}

function AdviceButton({
  advice,
  onPlace,
  onRaise,
  onAgain,
}: {
  advice: Advice | null
  onPlace(place: Place): void
  onRaise(limits: Partial<Limits>): void
  onAgain(): void
}) {
  if (!advice) return null
  if (advice.kind === 'know') return <p className="text-ink-soft text-xs">{advice.label}</p>
  return (
    <Button
      size="small"
      onClick={() => {
        if (advice.kind === 'go') onPlace(advice.place)
        else if (advice.kind === 'raise') onRaise(advice.limits)
        else onAgain()
      }}
    >
      {advice.label}
    </Button>
  )
}
