'use client'
import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type Action, byGroup } from './action.ts'
import { Shortcut } from './shortcut.tsx'

/** Every action of the page, found by typing. Loaded when it is first asked for. */
export default function Palette({ actions, onClose }: { actions: readonly Action[]; onClose(): void }) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/35" />
        <Dialog.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 fixed top-[12vh] left-1/2 z-50 flex max-h-[min(28rem,70vh)] w-[36rem] max-w-[calc(100vw-1.5rem)] animate-appear flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-pop"
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Command label="Commands" loop className="flex min-h-0 flex-1 flex-col">
            <div className="flex items-center gap-2.5 border-line border-b px-4">
              <Search className="size-4 shrink-0 text-ink-faint" aria-hidden />
              <Command.Input
                autoFocus
                placeholder="What do you want to do?"
                className="h-12 min-w-0 flex-1 bg-transparent text-[16px] outline-none placeholder:text-ink-faint sm:text-sm"
              />
            </div>
            <Command.List className="min-h-0 flex-1 overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-8 text-center text-ink-faint text-sm">Nothing here is called that.</Command.Empty>
              {byGroup(actions).map(({ group, actions }) => (
                <Command.Group
                  key={group}
                  heading={group}
                  className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-ink-faint [&_[cmdk-group-heading]]:text-xs"
                >
                  {actions.map((action) => (
                    <Command.Item
                      key={action.id}
                      value={`${action.title} ${action.id}`}
                      keywords={[group, ...(action.words?.split(' ') ?? [])]}
                      disabled={Boolean(action.unavailable)}
                      onSelect={() => {
                        onClose()
                        // After the dialog has given the focus back, so that the action may put it elsewhere.
                        setTimeout(action.run)
                      }}
                      className="flex min-h-9 items-center gap-3 rounded-lg px-2.5 py-1.5 text-[0.8125rem] data-[selected=true]:bg-hover data-[disabled=true]:text-ink-faint"
                    >
                      <span className="min-w-0 flex-1 truncate">{action.title}</span>
                      {action.unavailable && <span className="truncate text-ink-faint text-xs">{action.unavailable}</span>}
                      {action.keys && !action.unavailable && (
                        <span className="text-ink-faint max-sm:hidden">
                          <Shortcut keys={action.keys} />
                        </span>
                      )}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
