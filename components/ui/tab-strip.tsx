'use client'
import clsx from 'clsx'
import { type KeyboardEvent, type ReactNode, useRef } from 'react'

export type Tab = { id: string; label: ReactNode }

/** Tabs over one panel whose content the caller changes. Give the panel `id={panelId}` and `role="tabpanel"`. */
export function TabStrip({
  tabs,
  active,
  onSelect,
  label,
  panelId,
  className,
}: {
  tabs: readonly Tab[]
  active: string
  onSelect(id: string): void
  label: string
  panelId: string
  className?: string
}) {
  const strip = useRef<HTMLDivElement>(null)

  function onKeyDown(event: KeyboardEvent) {
    const at = tabs.findIndex((tab) => tab.id === active)
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key]
    const tab = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length]
    if (!tab) return
    event.preventDefault()
    onSelect(tab.id)
    strip.current?.querySelectorAll<HTMLElement>('[role=tab]')[tabs.indexOf(tab)]?.focus()
  }

  return (
    <div
      ref={strip}
      role="tablist"
      aria-label={label}
      onKeyDown={onKeyDown}
      className={clsx('flex min-w-0 overflow-x-auto [scrollbar-width:none]', className)}
    >
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          aria-selected={tab.id === active}
          aria-controls={panelId}
          tabIndex={tab.id === active ? 0 : -1}
          onClick={() => onSelect(tab.id)}
          className={clsx(
            'relative flex h-11 max-w-56 shrink-0 items-center gap-1.5 px-3 text-[0.8125rem] transition-colors focus-visible:outline-offset-[-3px]',
            tab.id === active
              ? 'font-medium text-ink after:absolute after:inset-x-3 after:bottom-0 after:h-0.5 after:rounded-full after:bg-accent'
              : 'text-ink-faint hover:text-ink',
          )}
        >
          <span className="truncate">{tab.label}</span>
        </button>
      ))}
    </div>
  )
}
