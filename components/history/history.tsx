'use client'
import '../jitless.ts'
import { History as HistorySign, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import { seconds } from '../../protocol/words.ts'
import { Ghost } from '../brand/ghost.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { Button } from '../ui/button.tsx'
import { When } from '../ui/when.tsx'
import { Excerpt, RunSign, Skeleton } from './run-line.tsx'
import { useRuns } from './use-runs.ts'

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
          <RunList onLeave={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function RunList({ onLeave }: { onLeave(): void }) {
  const { runs, more, loading, refusal, loadMore } = useRuns(everything)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
      {runs?.length === 0 && (
        <div className="grid h-full place-items-center px-8 text-center">
          <div>
            <Ghost className="mx-auto size-12 text-line-strong" />
            <p className="mt-4 font-medium">No runs yet</p>
            <p className="mt-1 text-ink-faint text-sm">Run something and it will be here, to replay and to share.</p>
          </div>
        </div>
      )}
      {runs && runs.length > 0 && (
        <ul className="divide-y divide-line">
          {runs.map((run) => (
            <li key={run.run_id}>
              {/* A plain link: the editor must be left for good, so that its connection is closed. */}
              <a href={`/r/${run.run_id}`} onClick={onLeave} className="block px-5 py-3 outline-offset-[-2px] hover:bg-hover">
                <span className="flex items-center gap-2">
                  <RunSign run={run} />
                  <span className="min-w-0 flex-1 truncate font-medium text-[0.8125rem]">{run.name ?? run.message}</span>
                  <span className="text-ink-faint text-xs tabular-nums">
                    {run.duration_ms === null ? '' : seconds(run.duration_ms)}
                  </span>
                </span>
                <Excerpt run={run} />
                <span className="mt-1 block text-ink-faint text-xs">
                  {run.language} {run.version} · <When iso={run.created_at} />
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {refusal && (
        <RefusalNotice refusal={refusal}>
          <Button size="small" className="mt-3" onClick={loadMore}>
            Try again
          </Button>
        </RefusalNotice>
      )}
      {loading && <Skeleton rows={runs ? 1 : 6} />}
      {!loading && !refusal && more && (
        <div className="p-4 text-center">
          <Button onClick={loadMore}>Show older runs</Button>
        </div>
      )}
    </div>
  )
}

const everything = {}
