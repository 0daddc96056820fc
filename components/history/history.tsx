'use client'
import { History as HistorySign, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { lazy, Suspense, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Skeleton } from './skeleton.tsx'

// Every page has the button; what is behind it comes when it is pressed.
const RunList = lazy(() => import('./run-list.tsx'))

/** The visitor's own runs, newest first, in a sheet at the side. */
export function History() {
  const [open, setOpen] = useState(false)
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button look="quiet" className="max-sm:px-2">
          <HistorySign className="size-4" aria-hidden />
          <span className="max-sm:sr-only">History</span>
        </Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/30" />
        <Dialog.Content className="fixed inset-y-0 right-0 z-40 flex w-[26rem] max-w-[92vw] animate-slide flex-col border-line border-l bg-panel shadow-pop">
          <div className="flex items-center border-line border-b py-3 pr-3 pl-5">
            <div>
              <Dialog.Title className="font-semibold">Your runs</Dialog.Title>
              <Dialog.Description className="text-ink-faint text-xs">
                Everything run from this browser.{' '}
                <a href="/runs" className="text-accent underline underline-offset-2">
                  Search and tidy up
                </a>
              </Dialog.Description>
            </div>
            <Dialog.Close asChild>
              <Button look="quiet" size="icon" aria-label="Close" className="ml-auto">
                <X className="size-4" aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <Suspense fallback={<Skeleton rows={6} />}>
            <RunList onLeave={() => setOpen(false)} />
          </Suspense>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
