'use client'
import '../jitless.ts'
import { seconds } from '../../protocol/words.ts'
import { Ghost } from '../brand/ghost.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { Button } from '../ui/button.tsx'
import { When } from '../ui/when.tsx'
import { Excerpt, RunSign } from './run-line.tsx'
import { Skeleton } from './skeleton.tsx'
import { useRuns } from './use-runs.ts'

/** The visitor's own runs, newest first, to be opened. */
export default function RunList({ onLeave }: { onLeave(): void }) {
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
