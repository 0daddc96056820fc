'use client'
import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { Button } from '../ui/button.tsx'
import { type Action, byGroup } from './action.ts'
import { Shortcut } from './shortcut.tsx'

/** All shortcuts at a glance. */
export default function ShortcutSheet({ actions, onClose }: { actions: readonly Action[]; onClose(): void }) {
  const withKeys = byGroup(actions.filter(({ keys }) => keys))
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/35" />
        <Dialog.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 -translate-y-1/2 fixed top-1/2 left-1/2 z-50 max-h-[80vh] w-[44rem] max-w-[calc(100vw-1.5rem)] animate-appear overflow-y-auto rounded-xl border border-line bg-raised p-6 shadow-pop"
        >
          <div className="mb-4 flex items-center">
            <Dialog.Title className="font-semibold">Shortcuts</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" size="icon" aria-label="Close" className="ml-auto">
                <X className="size-4" aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <div className="gap-x-10 sm:columns-2">
            {withKeys.map(({ group, actions }) => (
              <section key={group} aria-label={group} className="mb-5 break-inside-avoid">
                <h3 className="mb-1.5 font-medium text-ink-faint text-xs">{group}</h3>
                <dl className="space-y-1">
                  {actions.map(({ id, title, keys = '' }) => (
                    <div key={id} className="flex items-center justify-between gap-4 text-[0.8125rem]">
                      <dt className="min-w-0 truncate">{title}</dt>
                      <dd className="shrink-0 text-ink-soft">
                        <Shortcut keys={keys} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
