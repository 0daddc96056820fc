'use client'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { headlineOf, seconds } from '../../protocol/words.ts'
import { phaseOf, type RunState } from './run-state.ts'

const words = { starting: 'Starting', waiting: 'Waiting for a sandbox', compiling: 'Compiling', running: 'Running' } as const

/** How a run stands while it is under way, with the time it has run. Says the changes to a screen reader. */
export function RunStatus({ state }: { state: RunState }) {
  const phase = phaseOf(state)
  const lost = state.kind === 'following' && state.link === 'reconnecting' && phase !== 'ended'
  const live = phase === 'starting' || phase === 'waiting' || phase === 'compiling' || phase === 'running'
  const spoken =
    state.kind === 'following' && state.transcript.ending
      ? headlineOf(state.transcript.ending, state.run.limits)
      : lost
        ? 'Connection lost, reconnecting'
        : live
          ? words[phase]
          : ''
  return (
    <>
      <span role="status" className="sr-only" data-testid="status">
        {spoken}
      </span>
      {live && (
        <span
          aria-hidden
          className={clsx(
            'inline-flex h-6 items-center gap-2 whitespace-nowrap rounded-full px-2.5 text-xs',
            lost ? 'bg-limit-wash text-limit' : 'bg-accent-wash text-accent',
            // Most programs are through before anyone could read these words.
            (phase === 'starting' || phase === 'waiting') && 'animate-late',
          )}
        >
          <span className={clsx('size-1.5 animate-blink rounded-full', lost ? 'bg-limit' : 'bg-accent')} />
          {lost ? 'Reconnecting…' : phase === 'running' ? 'Running' : `${words[phase]}…`}
          {state.kind === 'following' && state.transcript.startedAt !== null && !lost && (
            <Elapsed key={state.run.run_id} at={state.transcript.at} startedAt={state.transcript.startedAt} />
          )}
        </span>
      )}
    </>
  )
}

/** Goes on from the newest event's time on the page's own clock, so it does not depend on the two clocks agreeing. */
function Elapsed({ at, startedAt }: { at: number; startedAt: number }) {
  const [now, setNow] = useState(0)
  useEffect(() => {
    const since = performance.now()
    const tick = () => setNow(at - startedAt + performance.now() - since)
    tick()
    const timer = setInterval(tick, 100)
    return () => clearInterval(timer)
  }, [at, startedAt])
  return (
    <span className="tabular-nums" data-testid="elapsed">
      {seconds(Math.floor(now / 100) * 100)}
    </span>
  )
}
