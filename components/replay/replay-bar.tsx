'use client'
import clsx from 'clsx'
import { Pause, Play, SkipBack, SkipForward } from 'lucide-react'
import { useMemo } from 'react'
import type { Transcript } from '../../protocol/transcript.ts'
import { seconds } from '../../protocol/words.ts'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'
import { lengthOf, type Mark, marksOf, speeds } from './moment.ts'
import type { useReplay } from './use-replay.ts'

const markCount = 100
/** One press of an arrow key moves this part of the run. */
const keySteps = 100

/** The replay of a run: play, speed, and a bar that shows where something happened. */
export function ReplayBar({ whole, replay }: { whole: Transcript; replay: ReturnType<typeof useReplay> }) {
  const { position, playing, speed, act } = replay
  const length = lengthOf(whole)
  const marks = useMemo(() => marksOf(whole, markCount), [whole])
  return (
    <section aria-label="Replay" className="flex shrink-0 flex-wrap items-center gap-1 border-line border-t bg-panel px-2 py-2">
      <Tip text="To the start">
        <Button look="quiet" size="icon" aria-label="To the start" onClick={() => act({ type: 'seek', to: 0 })}>
          <SkipBack className="size-4" aria-hidden />
        </Button>
      </Tip>
      <Tip text={playing ? 'Pause' : 'Play the run as it happened'}>
        <Button
          look="plain"
          size="icon"
          aria-label={playing ? 'Pause' : 'Play'}
          onClick={() => act({ type: playing ? 'pause' : 'play' })}
          className="rounded-full"
        >
          {playing ? <Pause className="size-4" aria-hidden /> : <Play className="ml-0.5 size-4" aria-hidden />}
        </Button>
      </Tip>
      <Tip text="To the end">
        <Button look="quiet" size="icon" aria-label="To the end" onClick={() => act({ type: 'seek', to: length })}>
          <SkipForward className="size-4" aria-hidden />
        </Button>
      </Tip>
      <div className="relative mx-2 h-9 min-w-0 flex-1 max-sm:order-first max-sm:min-w-full max-sm:-mx-0">
        <Marks marks={marks} played={length === 0 ? 1 : position / length} />
        <input
          type="range"
          aria-label="Moment of the run"
          aria-valuetext={`${seconds(position)} of ${seconds(length)}`}
          min={0}
          max={length || 1}
          step={(length || 1) / keySteps}
          value={length ? position : 1}
          onChange={(event) => {
            if (playing) act({ type: 'pause' })
            act({ type: 'seek', to: Number(event.target.value) })
          }}
          className="scrubber absolute inset-0 rounded"
        />
      </div>
      <output aria-label="Time in the run" className="w-28 text-right text-ink-soft text-xs tabular-nums max-sm:ml-auto">
        {seconds(position)} <span className="text-ink-faint">/ {seconds(length)}</span>
      </output>
      <label className="ml-1">
        <span className="sr-only">Speed</span>
        <select
          value={speed}
          onChange={(event) => act({ type: 'speed', speed: speeds.find((s) => String(s) === event.target.value) ?? 1 })}
          className="h-8 cursor-pointer rounded-lg border border-line bg-raised px-1.5 text-ink-soft text-xs hover:bg-hover"
        >
          {speeds.map((s) => (
            <option key={s} value={s}>
              {s}×
            </option>
          ))}
        </select>
      </label>
    </section>
  )
}

/** Bars as tall as much was written then; what was typed is a dot below. */
function Marks({ marks, played }: { marks: readonly Mark[]; played: number }) {
  const most = Math.log1p(Math.max(1, ...marks.map((mark) => mark.characters)))
  return (
    <div aria-hidden data-varies className="absolute inset-x-[6px] inset-y-0 flex items-center">
      {marks.map((mark, i) => {
        const past = i / marks.length < played
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its place.
          <span key={i} className="relative flex h-full flex-1 items-center justify-center">
            <span
              className={clsx(
                'w-[60%] rounded-full transition-opacity',
                mark.error ? 'bg-bad' : mark.characters ? 'bg-accent' : 'bg-line-strong',
                !past && 'opacity-30',
              )}
              style={{ height: mark.characters ? `${25 + 70 * (Math.log1p(mark.characters) / most)}%` : '2px' }}
            />
            {mark.input && <span className="absolute bottom-0 size-1 rounded-full bg-limit" />}
          </span>
        )
      })}
    </div>
  )
}
