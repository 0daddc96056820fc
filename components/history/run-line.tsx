import type { RunSummary } from '../../protocol/run.ts'
import { deceptive, nameOf } from '../console/ansi.ts'
import { toneOfRun } from '../run/tone.ts'
import { ToneSign } from '../run/verdict-line.tsx'

export function RunSign({ run }: { run: RunSummary }) {
  const tone = toneOfRun(run)
  return tone === 'live' ? (
    <span className="grid size-4 place-items-center" aria-hidden>
      <span className="size-2 animate-blink rounded-full bg-accent" />
    </span>
  ) : (
    <ToneSign tone={tone} className="size-4 shrink-0" />
  )
}

/** The first line of the code, with what would hide or turn it made visible. */
export function Excerpt({ run }: { run: RunSummary }) {
  return (
    <code className="mt-1 block truncate font-mono text-ink-soft text-xs">
      {run.excerpt.replace(deceptive, (character) => `⟨${nameOf(character)}⟩`) || ' '}
    </code>
  )
}
