'use client'
import { Check, ChevronsUpDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import type { Language } from '../../protocol/language.ts'

/**
 * The languages in a list below a button. Radix's own Select hides the rest of the page from a screen reader while it is open,
 * with focusable things in it; this list leaves the page as it is.
 */
export function LanguagePicker({
  languages,
  value,
  onChange,
}: {
  languages: readonly Language[]
  value: string
  onChange(id: string): void
}) {
  const [open, setOpen] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const names = useId()
  const chosen = languages.find((language) => language.id === value)

  function choose(id: string) {
    setOpen(false)
    if (id !== value) onChange(id)
  }
  function onKeyDown(event: KeyboardEvent) {
    const options = [...(list.current?.querySelectorAll<HTMLElement>('[role=option]') ?? [])]
    const at = options.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key] ?? startingWith(event.key, at)
    if (to !== undefined) {
      event.preventDefault()
      options[Math.max(0, Math.min(to, options.length - 1))]?.focus()
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      const language = languages[at]
      if (language) choose(language.id)
    } else if (event.key === 'Tab') setOpen(false)
  }
  /** The next language whose name begins with what was typed. */
  function startingWith(key: string, after: number): number | undefined {
    if (!/^\S$/.test(key)) return undefined
    const round = languages.map((_, i) => (after + 1 + i) % languages.length)
    return round.find((i) => languages[i]?.name.toLowerCase().startsWith(key.toLowerCase()))
  }

  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button
          type="button"
          role="combobox"
          aria-label="Language"
          aria-haspopup="listbox"
          aria-expanded={open}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
            event.preventDefault()
            setOpen(true)
          }}
          className="flex h-9 items-center gap-2 whitespace-nowrap rounded-lg border border-line bg-raised pr-2 pl-3 font-medium text-[0.8125rem] hover:border-line-strong hover:bg-hover data-[state=open]:bg-hover"
        >
          {chosen?.name} <span className="font-normal text-ink-faint">{chosen?.version}</span>
          <ChevronsUpDown className="size-3.5 text-ink-faint" aria-hidden />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          ref={list}
          role="listbox"
          aria-label="Language"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          onKeyDown={onKeyDown}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            list.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus()
          }}
          className="z-50 max-h-[60vh] w-72 max-w-[calc(100vw-1rem)] animate-appear overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-pop"
        >
          {languages.map((language) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys of all its options.
            <div
              key={language.id}
              role="option"
              aria-selected={language.id === value}
              aria-labelledby={`${names}-${language.id}`}
              tabIndex={-1}
              onClick={() => choose(language.id)}
              onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
              className="flex items-start gap-2 rounded-lg px-2.5 py-2 outline-none focus:bg-hover"
            >
              <span className="mt-0.5 w-4 shrink-0">
                {language.id === value && <Check className="size-4 text-accent" aria-hidden />}
              </span>
              <span className="min-w-0 flex-1">
                <span className="flex items-baseline gap-2 text-[0.8125rem]">
                  <span id={`${names}-${language.id}`} className="font-medium">
                    {language.name}
                  </span>
                  <span className="text-ink-faint text-xs">{language.version}</span>
                  {!language.ready && <span className="ml-auto text-limit text-xs">not ready</span>}
                </span>
                {language.libraries.length > 0 && (
                  <span className="block truncate text-ink-faint text-xs">with {language.libraries.join(', ')}</span>
                )}
              </span>
            </div>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
