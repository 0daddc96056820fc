import { useCallback } from 'react'
import type { Language } from '../../protocol/language.ts'
import type { Limits } from '../../protocol/limits.ts'
import type { Mode, RunRequest } from '../../protocol/run.ts'
import type { TestName } from '../../protocol/test-report.ts'
import { type Draft, requestOf } from '../drafts/drafts.ts'

/** The ways in which what stands in the editor is run. Each does nothing while that is not possible. */
export function useStarting({
  language,
  draft,
  mode,
  possible,
  keepVersion,
  edit,
  start,
  onRun,
}: {
  language: Language | null
  draft: Draft | null
  mode: Mode
  possible: boolean
  /** What is run can be gone back to. */
  keepVersion(draft: Draft, why: 'run'): void
  edit(change: (draft: Draft) => Draft): void
  start(request: RunRequest): Promise<unknown>
  /** As it is run as a whole. */
  onRun(): void
}) {
  const run = useCallback(() => {
    if (!language || !draft || !possible) return
    onRun()
    keepVersion(draft, 'run')
    void start(requestOf(language, { ...draft, mode }))
  }, [language, draft, mode, possible, start, keepVersion, onRun])

  const runTests = useCallback(
    (only: readonly TestName[] | 'all') => {
      if (!language || !draft || !possible) return
      keepVersion(draft, 'run')
      void start({ ...requestOf(language, { ...draft, mode: 'test' }), ...(only === 'all' ? {} : { only: [...only] }) })
    },
    [language, draft, possible, start, keepVersion],
  )

  /** Once more, with more room, which stays. */
  const raise = useCallback(
    (limits: Partial<Limits>) => {
      if (!language || !draft || !possible) return
      const raised = { ...draft, mode, limits: { ...draft.limits, ...limits } }
      edit((before) => ({ ...before, limits: { ...before.limits, ...limits } }))
      void start(requestOf(language, raised))
    },
    [language, draft, mode, possible, edit, start],
  )
  return { run, runTests, raise }
}
