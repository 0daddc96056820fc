'use client'
import { Check, ChevronsUpDown } from 'lucide-react'
import { Select } from 'radix-ui'
import type { Language } from '../../protocol/language.ts'

export function LanguagePicker({
  languages,
  value,
  onChange,
}: {
  languages: readonly Language[]
  value: string
  onChange(id: string): void
}) {
  const chosen = languages.find((language) => language.id === value)
  return (
    <Select.Root value={value} onValueChange={onChange}>
      <Select.Trigger
        aria-label="Language"
        className="flex h-9 items-center gap-2 rounded-lg border border-line bg-raised pr-2 pl-3 font-medium text-[0.8125rem] hover:border-line-strong hover:bg-hover"
      >
        <Select.Value>
          {chosen?.name} <span className="font-normal text-ink-faint">{chosen?.version}</span>
        </Select.Value>
        <ChevronsUpDown className="size-3.5 text-ink-faint" aria-hidden />
      </Select.Trigger>
      <Select.Portal>
        <Select.Content
          position="popper"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-[60vh] w-72 max-w-[calc(100vw-1rem)] animate-appear overflow-hidden rounded-xl border border-line bg-raised shadow-pop"
        >
          <Select.Viewport className="p-1.5">
            {languages.map((language) => (
              <Select.Item
                key={language.id}
                value={language.id}
                textValue={language.name}
                className="flex items-start gap-2 rounded-lg px-2.5 py-2 outline-none data-highlighted:bg-hover"
              >
                <span className="mt-0.5 w-4 shrink-0">
                  <Select.ItemIndicator>
                    <Check className="size-4 text-accent" aria-hidden />
                  </Select.ItemIndicator>
                </span>
                <span className="min-w-0 flex-1">
                  <span className="flex items-baseline gap-2 text-[0.8125rem]">
                    <Select.ItemText>
                      <span className="font-medium">{language.name}</span>
                    </Select.ItemText>
                    <span className="text-ink-faint text-xs">{language.version}</span>
                    {!language.ready && <span className="ml-auto text-limit text-xs">not ready</span>}
                  </span>
                  {language.libraries.length > 0 && (
                    <span className="block truncate text-ink-faint text-xs">with {language.libraries.join(', ')}</span>
                  )}
                </span>
              </Select.Item>
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  )
}
