'use client'
import { Check, Clock3, Copy, Search, WrapText } from 'lucide-react'
import { lazy, type ReactNode, type RefObject, Suspense, useEffect, useState } from 'react'
import type { TerminalSize } from '../../protocol/run.ts'
import type { Transcript } from '../../protocol/transcript.ts'
import { copy } from '../share/copy.ts'
import { SignButton } from '../ui/sign-button.tsx'
import { useNotify } from '../ui/toasts.tsx'
import { Output } from './output.tsx'
import { createScreen, screenText } from './screen.ts'

const Terminal = lazy(() => import('./terminal.tsx'))

/** The output of a run with what one can do to it: wrap, see the times, copy. */
export function Console({
  transcript,
  status,
  empty,
  output,
  terminal,
  children,
}: {
  transcript: Transcript
  /** Beside the title: how the run stands. */
  status?: ReactNode
  empty: ReactNode
  /** Where the output is, to be focused. */
  output?: RefObject<HTMLDivElement | null>
  /** Of a run in a terminal: its size, and what somebody does at it who may. */
  terminal?: { size: TerminalSize; live: boolean; onType?(text: string): void; onResize?(size: TerminalSize): void } | null
  /** Below the output. */
  children?: ReactNode
}) {
  const [wrap, setWrap] = useState(true)
  const [times, setTimes] = useState(false)
  const [finding, setFinding] = useState(false)
  const nothing = transcript.chunks.length === 0
  return (
    <section
      aria-label="Console"
      className="flex min-h-0 flex-1 flex-col bg-panel"
      onKeyDown={(event) => {
        const find = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'f'
        if (!find || terminal) return
        event.preventDefault()
        setFinding(true)
      }}
    >
      <header className="flex h-11 shrink-0 items-center gap-1 border-line border-b pr-2 pl-4">
        <h2 className="font-medium text-[0.8125rem] text-ink">Output</h2>
        <div className="ml-2 flex min-w-0 flex-1 items-center">{status}</div>
        {!terminal && (
          <>
            <SignButton
              text="Find and filter (Ctrl+F in the output)"
              name="Find and filter"
              pressed={finding}
              onClick={() => setFinding(!finding)}
            >
              <Search className="size-4" aria-hidden />
            </SignButton>
            <SignButton text="Show when each line was written" pressed={times} onClick={() => setTimes(!times)}>
              <Clock3 className="size-4" aria-hidden />
            </SignButton>
            <SignButton text="Wrap long lines" pressed={wrap} onClick={() => setWrap(!wrap)}>
              <WrapText className="size-4" aria-hidden />
            </SignButton>
          </>
        )}
        <CopyOutput transcript={transcript} disabled={nothing} />
      </header>
      {terminal ? (
        <Suspense fallback={<div className="flex-1" />}>
          <Terminal chunks={transcript.chunks} {...terminal} />
        </Suspense>
      ) : (
        <Output
          chunks={transcript.chunks}
          wrap={wrap}
          times={times}
          startedAt={transcript.startedAt ?? 0}
          empty={empty}
          scrolled={output}
          finding={finding}
          onFindingEnd={() => setFinding(false)}
        />
      )}
      {children}
    </section>
  )
}

function CopyOutput({ transcript, disabled }: { transcript: Transcript; disabled: boolean }) {
  const notify = useNotify()
  const [done, setDone] = useState(false)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), 2000)
    return () => clearTimeout(timer)
  }, [done])

  async function copyAll() {
    const screen = createScreen()
    screen.take(transcript.chunks)
    if (await copy(screenText(screen))) setDone(true)
    else notify({ text: 'The browser does not let this page copy. Select the output and copy it yourself.', tone: 'bad' })
  }
  return (
    <SignButton text="Copy the output" disabled={disabled} onClick={copyAll}>
      {done ? <Check className="size-4 text-good" aria-hidden /> : <Copy className="size-4" aria-hidden />}
    </SignButton>
  )
}
