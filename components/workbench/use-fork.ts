import { useEffect, useRef } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'
import { RunId } from '../../protocol/ids.ts'
import type { Language } from '../../protocol/language.ts'
import { type Drafts, forkOf, withDraft } from '../drafts/drafts.ts'
import { refusalOf } from '../run/run-state.ts'
import { useNotify } from '../ui/toasts.tsx'
import { keepRun } from './current-run.ts'

/** Takes somebody's run into the editor, once, and cleans the address so that a reload does not do it again. */
export function useFork({
  fork,
  drafts,
  languages,
  replaceDrafts,
}: {
  fork: string | null
  drafts: Drafts | null
  languages: readonly Language[]
  replaceDrafts(to: (drafts: Drafts) => Drafts): void
}) {
  const notify = useNotify()
  const taken = useRef(false)
  useEffect(() => {
    if (fork === null || drafts === null || taken.current) return
    taken.current = true
    const before = drafts
    async function take(address: string) {
      const runId = RunId.safeParse(address)
      if (!runId.success) return notify({ text: 'There is no run with this address to fork.', tone: 'bad' })
      try {
        const run = await createApiClient()('getRun', { params: { run_id: runId.data } })
        if (!languages.some((language) => language.id === run.language)) {
          return notify({ text: `This server does not have ${run.language} any more, so the run cannot be forked.`, tone: 'bad' })
        }
        keepRun(null)
        replaceDrafts((all) => withDraft(all, run.language, forkOf(run)))
        const undo = { label: 'Undo', run: () => replaceDrafts(() => before) }
        notify(
          before.byLanguage[run.language]
            ? { text: 'Forked. It took the place of your draft.', action: undo }
            : { text: 'Forked. Change it and run it.' },
        )
      } catch (error) {
        notify({ text: `Could not fork: ${refusalOf(error).message}`, tone: 'bad' })
      }
    }
    void take(fork).then(() => window.history.replaceState(null, '', '/'))
  }, [fork, drafts, languages, notify, replaceDrafts])
}
