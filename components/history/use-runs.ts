import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'
import type { UpdateRun } from '../../protocol/contract.ts'
import type { RunSummary } from '../../protocol/run.ts'
import { type Refusal, refusalOf } from '../run/run-state.ts'

const pageSize = 20

/** What one looks for; nothing is everything. */
export type Search = { q?: string; language?: string; status?: string; pinned?: 'true' }

type Loaded = { runs: readonly RunSummary[]; cursor: string | null }

/** The visitor's runs that fit, newest first, page by page, and what they may do with them. */
export function useRuns(search: Search) {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [loading, setLoading] = useState(true)
  const api = useMemo(() => createApiClient(), [])
  const asking = useRef<AbortController | null>(null)
  const { q, language, status, pinned } = search

  const load = useCallback(
    async (before: Loaded | null) => {
      asking.current?.abort()
      const mine = new AbortController()
      asking.current = mine
      setLoading(true)
      setRefusal(null)
      try {
        const query = {
          limit: pageSize,
          ...(before?.cursor ? { cursor: before.cursor } : {}),
          ...(q ? { q } : {}),
          ...(language ? { language } : {}),
          ...(status ? { status: status as 'completed' } : {}),
          ...(pinned ? { pinned } : {}),
        }
        const page = await api('listRuns', { query, signal: mine.signal })
        if (mine.signal.aborted) return
        setLoaded({ runs: [...(before?.runs ?? []), ...page.runs], cursor: page.next_cursor })
      } catch (error) {
        if (mine.signal.aborted) return
        setRefusal(refusalOf(error))
      }
      setLoading(false)
    },
    [api, q, language, status, pinned],
  )
  useEffect(() => {
    void load(null)
    return () => asking.current?.abort()
  }, [load])

  const attempt = useCallback(
    async (runId: string, act: () => Promise<unknown>, change: (run: RunSummary) => RunSummary | null) => {
      try {
        await act()
        setRefusal(null)
        setLoaded(
          (before) =>
            before && { ...before, runs: before.runs.flatMap((run) => (run.run_id === runId ? (change(run) ?? []) : [run])) },
        )
      } catch (error) {
        setRefusal(refusalOf(error))
      }
    },
    [],
  )

  return {
    runs: loaded?.runs ?? null,
    more: loaded?.cursor != null,
    loading,
    refusal,
    loadMore: () => load(loaded),
    update: (run: RunSummary, change: UpdateRun) =>
      attempt(
        run.run_id,
        () => api('updateRun', { params: { run_id: run.run_id }, body: change }),
        (before) => ({
          ...before,
          ...(change.name === undefined ? {} : { name: change.name }),
          ...(change.pinned === undefined ? {} : { pinned: change.pinned }),
        }),
      ),
    remove: (run: RunSummary) =>
      attempt(
        run.run_id,
        () => api('deleteRun', { params: { run_id: run.run_id } }),
        () => null,
      ),
  }
}
