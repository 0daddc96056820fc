'use client'
import { SlidersHorizontal, X } from 'lucide-react'
import type { Language } from '../../protocol/language.ts'
import { Hint } from '../actions/shortcut.tsx'
import type { Draft } from '../drafts/drafts.ts'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'
import { chipsOf } from './options.ts'

/** Under the code: what is not as usual, and the way to all of it. */
export function OptionsBar({
  draft,
  language,
  open,
  onOpen,
  onChange,
}: {
  draft: Draft
  language: Language
  open: boolean
  onOpen(open: boolean): void
  onChange(draft: Draft): void
}) {
  return (
    <div className="flex h-10 shrink-0 items-center gap-1.5 overflow-x-auto border-line border-t bg-panel px-2 [scrollbar-width:none]">
      <Tip text={<Hint text="Input, arguments, environment, limits" keys="Mod+i" />}>
        <Button
          look="quiet"
          size="small"
          aria-expanded={open}
          onClick={() => onOpen(!open)}
          className={open ? 'bg-hover text-ink' : ''}
        >
          <SlidersHorizontal className="size-3.5" aria-hidden />
          Options
        </Button>
      </Tip>
      {chipsOf(draft, language).map((chip) => (
        <span
          key={chip.id}
          className="inline-flex h-6.5 shrink-0 animate-appear items-center rounded-full bg-accent-wash pl-2.5 text-accent text-xs"
        >
          <button type="button" onClick={() => onOpen(true)} className="max-w-48 truncate rounded-sm hover:underline">
            {chip.text}
          </button>
          <button
            type="button"
            aria-label={`Take back: ${chip.text}`}
            onClick={() => onChange(chip.without)}
            className="grid size-6.5 place-items-center rounded-full hover:bg-hover"
          >
            <X className="size-3" aria-hidden />
          </button>
        </span>
      ))}
    </div>
  )
}
