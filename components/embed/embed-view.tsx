'use client'
import clsx from 'clsx'
import { ArrowUpRight } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { heightMessage } from '../../protocol/embed.ts'
import type { Run } from '../../protocol/run.ts'
import type { Transcript } from '../../protocol/transcript.ts'
import { headlineOf } from '../../protocol/words.ts'
import { Ghost } from '../brand/ghost.tsx'
import { Output } from '../console/output.tsx'
import { PlainCode } from '../editor/plain-code.tsx'
import { ReplayBar } from '../replay/replay-bar.tsx'
import { useReplayedRun } from '../replay/use-replayed-run.ts'
import { toneOf } from '../run/tone.ts'
import { ToneSign, toneInk } from '../run/verdict-line.tsx'

export type Embedded = Pick<Run, 'run_id' | 'language' | 'version' | 'limits' | 'created_at' | 'files' | 'entry' | 'tty' | 'only'>

/** A run as another page shows it in a frame: how it ended, its code, its output and the replay. */
export function EmbedView({
  run,
  languageName,
  address,
  transcript,
}: {
  run: Embedded
  languageName: string
  /** Of the run's own page. */
  address: string
  transcript: Transcript
}) {
  const { whole, shown, replay } = useReplayedRun(run, transcript)
  const { ending } = whole
  const tone = ending && toneOf(ending.verdict)
  const entry = run.files.find(({ path }) => path === run.entry) ?? run.files[0]
  const others = run.files.length - 1

  // The page around may make the frame as tall as what is in it.
  const content = useRef<HTMLElement>(null)
  useEffect(() => {
    const element = content.current
    if (!element || window.parent === window) return
    const tell = () => window.parent.postMessage(heightMessage(run.run_id, Math.ceil(element.scrollHeight)), '*')
    const observer = new ResizeObserver(tell)
    observer.observe(element)
    return () => observer.disconnect()
  }, [run.run_id])

  return (
    <main ref={content} className="flex min-h-72 flex-1 flex-col overflow-hidden rounded-xl border border-line bg-panel">
      <header className="flex min-h-11 shrink-0 items-center gap-2 border-line border-b px-3 py-1.5">
        {tone ? (
          <ToneSign tone={tone} className="size-4 shrink-0" />
        ) : (
          <span className="size-2.5 shrink-0 animate-blink rounded-full bg-accent" />
        )}
        <h1 className={clsx('min-w-0 font-medium text-[0.8125rem]', tone && toneInk[tone])}>
          {ending ? headlineOf(ending, run.limits) : 'Running'}
        </h1>
        <span className="ml-auto shrink-0 text-ink-faint text-xs max-sm:hidden">
          {languageName} {run.version}
        </span>
        <a
          href={address}
          target="_blank"
          rel="noopener noreferrer"
          className="inline-flex shrink-0 items-center gap-1.5 rounded-md px-1.5 py-1 font-medium text-accent text-xs hover:bg-hover"
        >
          <Ghost className="size-4" />
          Open
          <span className="max-sm:sr-only"> in Bug Ghost</span>
          <ArrowUpRight className="size-3.5" aria-hidden />
        </a>
      </header>
      {entry && (
        <div className="max-h-96 min-h-24 shrink overflow-auto border-line border-b">
          {entry.encoding === 'base64' ? (
            <p className="p-4 text-ink-faint text-sm">A file that is not text.</p>
          ) : (
            <PlainCode text={entry.content.replace(/\n$/, '')} />
          )}
          {others > 0 && (
            <p className="px-4 pb-2 text-ink-faint text-xs">
              and {others === 1 ? 'one more file' : `${others} more files`}, in Bug Ghost
            </p>
          )}
        </div>
      )}
      <div className="flex min-h-40 flex-1 flex-col">
        <Output
          chunks={shown.chunks}
          wrap
          times={false}
          startedAt={whole.startedAt ?? 0}
          empty={
            <p className="px-4 font-sans text-ink-faint text-sm">
              {shown.ending ? 'The program wrote nothing.' : 'Nothing was written yet.'}
            </p>
          }
        />
      </div>
      {ending && <ReplayBar whole={whole} replay={replay} />}
    </main>
  )
}
