'use client'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import type { Transcript, UsageSample } from '../../protocol/transcript.ts'
import { bytes, headlineOf, seconds } from '../../protocol/words.ts'
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
      {live && !lost && state.kind === 'following' && (
        <Memory transcript={state.transcript} limit={state.run.limits.memory_bytes} />
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
  return <span className="tabular-nums">{seconds(Math.floor(now / 100) * 100)}</span>
}

/** What the program holds now, and a line that shows whether it grows. */
function Memory({ transcript: { usage }, limit }: { transcript: Transcript; limit: number }) {
  const newest = usage.at(-1)
  if (!newest) return null
  return (
    <span aria-hidden className="ml-2 hidden items-center gap-2 text-ink-faint text-xs tabular-nums sm:inline-flex">
      <svg viewBox="0 0 40 12" className="h-3 w-10 overflow-visible text-accent" preserveAspectRatio="none" aria-hidden>
        <polyline
          points={sparkline(usage, limit)}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      {bytes(newest.memory_bytes)}
    </span>
  )
}

/** The newest samples from left to right in a box of 40 by 12; the top is the limit. */
export function sparkline(usage: readonly UsageSample[], limit: number): string {
  const shown = usage.slice(-40)
  return shown.map(({ memory_bytes }, at) => `${at},${(12 - 12 * Math.min(1, memory_bytes / limit)).toFixed(1)}`).join(' ')
}
