'use client'
import { Shortcut } from '../actions/shortcut.tsx'
import { Ghost } from '../brand/ghost.tsx'
import { QueueNotice } from '../run/queue-notice.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { phaseOf, type RunState } from '../run/run-state.ts'

/** What stands where nothing has been written yet. */
export function EmptyOutput({ state }: { state: RunState }) {
  const phase = phaseOf(state)
  if (state.kind === 'refused') return <RefusalNotice refusal={state.refusal} />
  if (phase === 'ended') return <p className="px-4 font-sans text-ink-faint text-sm">The program wrote nothing.</p>
  if (phase === 'waiting') {
    return <QueueNotice />
  }
  if (phase !== 'none') return null
  return (
    <div className="grid h-full place-items-center p-6 text-center font-sans">
      <div>
        <Ghost className="mx-auto size-14 animate-float text-line-strong" />
        <p className="mt-5 font-medium text-ink-soft text-sm">Nothing has run yet</p>
        <p className="mt-1 max-w-60 text-ink-faint text-sm">
          Press Run and watch the output arrive here. <span className="max-md:hidden">Or use the keyboard: </span>
          <Shortcut keys="Mod+Enter" className="inline-flex gap-0.5 font-sans max-md:hidden" />
        </p>
      </div>
    </div>
  )
}
