'use client'
import { ArrowDown, ArrowUp, Layers2, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { SignButton } from '../ui/sign-button.tsx'
import { mostMatches, type Search } from './search.ts'
import type { SelectionOptions, StreamFilter } from './selection.ts'

const streams: readonly (readonly [StreamFilter, string])[] = [
  ['all', 'All output'],
  ['stdout', 'stdout'],
  ['stderr', 'stderr'],
]

/** What one looks for in the output, and which of its lines are shown. */
export function FindBar({
  search,
  current,
  options,
  onText,
  onStep,
  onOptions,
  onClose,
}: {
  search: Search
  /** The match one stands at. */
  current: number
  options: SelectionOptions
  onText(text: string): void
  onStep(by: 1 | -1): void
  onOptions(options: SelectionOptions): void
  onClose(): void
}) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const { length } = search.matches
  const count =
    search.text === ''
      ? ''
      : length === 0
        ? search.complete
          ? 'Not found'
          : 'Looking …'
        : `${current + 1} of ${search.more ? `over ${mostMatches}` : length}`
  return (
    <search className="flex shrink-0 flex-wrap items-center gap-1 border-line border-b bg-sunken py-1.5 pr-2 pl-3">
      <input
        ref={field}
        type="text"
        aria-label="Find in the output"
        placeholder="Find in the output"
        spellCheck={false}
        autoComplete="off"
        value={search.text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape') onClose()
          else return
          event.preventDefault()
        }}
        className="h-8 min-w-36 flex-1 rounded-lg border border-line bg-raised px-2.5 font-mono text-ink text-xs placeholder:font-sans placeholder:text-ink-faint"
      />
      <output aria-label="Matches" className="min-w-20 px-1 text-center text-ink-faint text-xs tabular-nums">
        {count}
      </output>
      <SignButton text="Previous match" disabled={length === 0} onClick={() => onStep(-1)}>
        <ArrowUp className="size-4" aria-hidden />
      </SignButton>
      <SignButton text="Next match" disabled={length === 0} onClick={() => onStep(1)}>
        <ArrowDown className="size-4" aria-hidden />
      </SignButton>
      <select
        aria-label="Which output"
        value={options.stream}
        onChange={(event) =>
          onOptions({ ...options, stream: streams.find(([stream]) => stream === event.target.value)?.[0] ?? 'all' })
        }
        className="h-8 cursor-pointer rounded-lg border border-line bg-raised px-1.5 text-ink-soft text-xs hover:bg-hover"
      >
        {streams.map(([stream, name]) => (
          <option key={stream} value={stream}>
            {name}
          </option>
        ))}
      </select>
      <SignButton
        text="Show repeated lines once"
        pressed={options.collapse}
        onClick={() => onOptions({ ...options, collapse: !options.collapse })}
      >
        <Layers2 className="size-4" aria-hidden />
      </SignButton>
      <SignButton text="Close" onClick={onClose}>
        <X className="size-4" aria-hidden />
      </SignButton>
    </search>
  )
}
