import type { ReactNode } from 'react'
import type { Limits } from '../../protocol/limits.ts'
import type { UsageSample } from '../../protocol/transcript.ts'
import { bytes } from '../../protocol/words.ts'
import { cpuShares, lineOf } from './sparkline.ts'

/** What a program uses while it runs: the processor and memory, each as a line that moves, under the line of its limit. */
export function LiveStrip({ usage, limits }: { usage: readonly UsageSample[]; limits: Limits }) {
  const newest = usage.at(-1)
  if (!newest) return null
  const shares = cpuShares(usage)
  const share = shares.at(-1) ?? 0
  return (
    <dl aria-hidden className="flex h-9 shrink-0 animate-late items-center gap-6 border-line border-t px-4 text-xs">
      <Meter name="Processor" value={`${Math.round(share * 100)} %`}>
        <Sparkline values={shares} top={Math.max(1, ...shares)} />
      </Meter>
      <Meter name="Memory" value={`${bytes(newest.memory_bytes)} of ${bytes(limits.memory_bytes)}`}>
        <Sparkline values={usage.map(({ memory_bytes }) => memory_bytes)} top={limits.memory_bytes} />
      </Meter>
    </dl>
  )
}

function Meter({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-2">
      <dt className="text-ink-faint max-sm:sr-only">{name}</dt>
      <dd className="flex items-center gap-2 whitespace-nowrap text-ink-soft tabular-nums">
        {children}
        {value}
      </dd>
    </div>
  )
}

const width = 64
const height = 16

function Sparkline({ values, top }: { values: readonly number[]; top: number }) {
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className="h-4 w-16 overflow-visible text-accent" aria-hidden>
      <line x1="0" x2={width} y1="0.5" y2="0.5" className="text-line-strong" stroke="currentColor" strokeDasharray="2 2" />
      <polyline points={lineOf(values, { top, width, height })} fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  )
}
