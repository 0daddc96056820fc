import clsx from 'clsx'
import { CircleAlert, CircleCheck, CircleSlash, Gauge } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Limits } from '../../protocol/limits.ts'
import type { Ending } from '../../protocol/run.ts'
import { bytes, headlineOf, seconds } from '../../protocol/words.ts'
import { type Tone, toneOf } from './tone.ts'

export const toneInk: Record<Tone, string> = { good: 'text-good', bad: 'text-bad', limit: 'text-limit', neutral: 'text-ink-soft' }
export const toneWash: Record<Tone, string> = {
  good: 'bg-good-wash',
  bad: 'bg-bad-wash',
  limit: 'bg-limit-wash',
  neutral: 'bg-sunken',
}
const signs = { good: CircleCheck, bad: CircleAlert, limit: Gauge, neutral: CircleSlash }

export function ToneSign({ tone, className }: { tone: Tone; className?: string }) {
  const Sign = signs[tone]
  return <Sign className={clsx(toneInk[tone], className)} aria-hidden />
}

/** How a run ended, in words and in numbers. */
export function VerdictLine({
  ending,
  limits,
  children,
}: {
  ending: Ending
  limits: Limits
  /** What one can do about it. */
  children?: ReactNode
}) {
  const tone = toneOf(ending.verdict)
  const truncated = ending.truncated.stdout || ending.truncated.stderr
  return (
    <div
      className={clsx('flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-t px-4 py-2.5', toneWash[tone])}
      data-testid="verdict"
      data-tone={tone}
    >
      <p className={clsx('flex min-w-0 items-center gap-2 font-medium', toneInk[tone])}>
        <ToneSign tone={tone} className="size-4 shrink-0" />
        <span>{headlineOf(ending, limits)}</span>
      </p>
      {children}
      <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs sm:ml-auto">
        {ending.exit_code !== null && <Fact name="Exit code" value={String(ending.exit_code)} />}
        <Fact name="Time" value={seconds(ending.duration_ms)} />
        <Fact name="Memory" value={bytes(ending.usage.memory_peak_bytes)} />
      </dl>
      {truncated && (
        <p className="w-full text-ink-soft text-xs">
          The output was cut at {bytes(limits.output_bytes)}. The program wrote {bytes(ending.stdout_bytes + ending.stderr_bytes)}
          .
        </p>
      )}
    </div>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-1.5">
      <dt className="text-ink-faint">{name}</dt>
      <dd className="text-ink-soft tabular-nums">{value}</dd>
    </div>
  )
}
