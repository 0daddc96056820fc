'use client'
import clsx from 'clsx'
import { Check, ChevronDown, ChevronsUpDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type KeyboardEvent, memo, useId, useRef, useState } from 'react'
import type { Language } from '../../protocol/language.ts'
import { notReadyYet } from './readiness.ts'

/**
 * The languages in a list below a button. Radix's own Select hides the rest of the page from a screen reader while it is open,
 * with focusable things in it; this list leaves the page as it is. Beside it, where there are several, the versions of the chosen one.
 */
export const LanguagePicker = memo(function LanguagePicker({
  languages,
  value,
  onChange,
  version,
  onVersion,
}: {
  languages: readonly Language[]
  value: string
  onChange(id: string): void
  /** Of the chosen language. */
  version: string
  onVersion(version: string): void
}) {
  const [open, setOpen] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const names = useId()
  const chosen = languages.find((language) => language.id === value)
  const severalVersions = chosen !== undefined && chosen.versions.length > 1

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
    <div className="flex min-w-0">
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
            className={clsx(
              'flex h-9 min-w-0 items-center gap-2 whitespace-nowrap border border-line bg-raised pr-2 pl-3 font-medium text-[0.8125rem] hover:border-line-strong hover:bg-hover data-[state=open]:bg-hover',
              severalVersions ? 'rounded-l-lg' : 'rounded-lg',
            )}
          >
            <span className="truncate">{chosen?.name}</span>
            {!severalVersions && <span className="font-normal text-ink-faint">{chosen?.version}</span>}
            <ChevronsUpDown
              // On a phone the name needs the room, and the versions beside it have an arrow.
              className={clsx('size-3.5 shrink-0 text-ink-faint', severalVersions && 'max-sm:hidden')}
              aria-hidden
            />
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
                    <span className="min-w-0 truncate text-ink-faint text-xs">
                      {language.versions.map((one) => one.version).join(' · ')}
                    </span>
                    {!language.ready && <span className="ml-auto whitespace-nowrap text-limit text-xs">not ready</span>}
                  </span>
                  <Below language={language} />
                </span>
              </div>
            ))}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {severalVersions && <VersionSelect language={chosen} version={version} onVersion={onVersion} />}
    </div>
  )
})

/** What there is to know of a language before it is chosen: how far it is, or what it brings. */
function Below({ language }: { language: Language }) {
  const waiting = notReadyYet(language, language.version)
  if (waiting) return <span className="block text-ink-soft text-xs">{waiting}</span>
  if (language.libraries.length === 0) return null
  return <span className="block truncate text-ink-faint text-xs">with {language.libraries.join(', ')}</span>
}

/** The browser's own list: it is short, and a phone shows it better than we could. */
function VersionSelect({
  language,
  version,
  onVersion,
}: {
  language: Language
  version: string
  onVersion(version: string): void
}) {
  return (
    <span className="relative flex shrink-0">
      <select
        aria-label="Version"
        value={version}
        onChange={(event) => onVersion(event.target.value)}
        // Text of less than 16 px makes a phone zoom in when it is touched.
        className="h-9 max-w-24 cursor-default appearance-none truncate rounded-r-lg border border-line border-l-0 bg-raised pr-6 pl-2 text-[0.8125rem] text-ink-soft hover:border-line-strong hover:bg-hover max-sm:text-base"
      >
        {language.versions.map(({ version, ready }) => (
          <option key={version} value={version}>
            {/* Short: the list is as wide as its widest line, and the page says the rest once it is chosen. */}
            {ready ? version : `${version} …`}
          </option>
        ))}
      </select>
      <ChevronDown className="pointer-events-none absolute top-3 right-2 size-3 text-ink-faint" aria-hidden />
    </span>
  )
}
