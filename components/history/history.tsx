'use client'
import '../jitless.ts'
import clsx from 'clsx'
import { History as HistorySign, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useCallback, useEffect, useState } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'
import type { RunSummary } from '../../protocol/run.ts'
import { seconds } from '../../protocol/words.ts'
import { Ghost } from '../brand/ghost.tsx'
import { deceptive, nameOf } from '../console/ansi.ts'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { type Refusal, refusalOf } from '../run/run-state.ts'
import { toneOfRun } from '../run/tone.ts'
import { ToneSign } from '../run/verdict-line.tsx'
import { Button } from '../ui/button.tsx'
import { When } from '../ui/when.tsx'

const pageSize = 20

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
              <Dialog.Description className="text-ink-faint text-xs">Everything run from this browser.</Dialog.Description>
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

type Loaded = { runs: RunSummary[]; cursor: string | null }

function RunList({ onLeave }: { onLeave(): void }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [loading, setLoading] = useState(true)

  const load = useCallback(async (before: Loaded | null, signal?: AbortSignal) => {
    setLoading(true)
    setRefusal(null)
    try {
      const query = { limit: pageSize, ...(before?.cursor ? { cursor: before.cursor } : {}) }
      const page = await createApiClient()('listRuns', { query, ...(signal ? { signal } : {}) })
      setLoaded({ runs: [...(before?.runs ?? []), ...page.runs], cursor: page.next_cursor })
    } catch (error) {
      if (signal?.aborted) return
      setRefusal(refusalOf(error))
    }
    setLoading(false)
  }, [])

  useEffect(() => {
    const leaving = new AbortController()
    void load(null, leaving.signal)
    return () => leaving.abort()
  }, [load])

  return (
    <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
      {loaded && loaded.runs.length === 0 && (
        <div className="grid h-full place-items-center px-8 text-center">
          <div>
            <Ghost className="mx-auto size-12 text-line-strong" />
            <p className="mt-4 font-medium">No runs yet</p>
            <p className="mt-1 text-ink-faint text-sm">Run something and it will be here, to replay and to share.</p>
          </div>
        </div>
      )}
      {loaded && loaded.runs.length > 0 && (
        <ul className="divide-y divide-line">
          {loaded.runs.map((run) => (
            <li key={run.run_id}>
              {/* A plain link: the editor must be left for good, so that its connection is closed. */}
              <a href={`/r/${run.run_id}`} onClick={onLeave} className="block px-5 py-3 outline-offset-[-2px] hover:bg-hover">
                <span className="flex items-center gap-2">
                  <RunSign run={run} />
                  <span className="min-w-0 flex-1 truncate font-medium text-[0.8125rem]">{run.message}</span>
                  <span className="text-ink-faint text-xs tabular-nums">
                    {run.duration_ms === null ? '' : seconds(run.duration_ms)}
                  </span>
                </span>
                <code className="mt-1 block truncate font-mono text-ink-soft text-xs">
                  {run.excerpt.replace(deceptive, (character) => `⟨${nameOf(character)}⟩`) || ' '}
                </code>
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
          <Button size="small" className="mt-3" onClick={() => load(loaded)}>
            Try again
          </Button>
        </RefusalNotice>
      )}
      {loading && <Skeleton rows={loaded ? 1 : 6} />}
      {!loading && !refusal && loaded?.cursor && (
        <div className="p-4 text-center">
          <Button onClick={() => load(loaded)}>Show older runs</Button>
        </div>
      )}
    </div>
  )
}

function RunSign({ run }: { run: RunSummary }) {
  const tone = toneOfRun(run)
  return tone === 'live' ? (
    <span className="grid size-4 place-items-center" aria-hidden>
      <span className="size-2 animate-blink rounded-full bg-accent" />
    </span>
  ) : (
    <ToneSign tone={tone} className="size-4 shrink-0" />
  )
}

function Skeleton({ rows }: { rows: number }) {
  return (
    <div role="status" className="animate-late">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike.
        <div key={i} className="space-y-2 px-5 py-3.5">
          <div className={clsx('h-3 rounded bg-hover', i % 2 ? 'w-2/5' : 'w-1/2')} />
          <div className="h-3 w-4/5 rounded bg-hover" />
        </div>
      ))}
    </div>
  )
}
