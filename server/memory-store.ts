import type { RunId } from '../protocol/ids.ts'
import type { RunEvent } from '../protocol/run.ts'
import { statusOf } from '../protocol/words.ts'
import { excerptOf, searchTextOf } from './excerpt.ts'
import { notYetKept } from './not-yet-kept.ts'
import { endingOf, type RunFilter, type Store, type StoredRun } from './store.ts'

/** For tests: keeps runs until the process ends, and nothing that is later done to what it was given or gave. */
export function createMemoryStore(): Store {
  const kept = new Map<RunId, { run: StoredRun; events: RunEvent[] }>()
  const deleted = new Set<RunId>()

  return {
    async createRun(run) {
      if (!kept.has(run.runId))
        kept.set(run.runId, {
          run: structuredClone({ ...run, ending: null, completedAt: null, name: null, pinned: false, shared: false }),
          events: [],
        })
    },
    async appendEvents(runId, events) {
      if (events.length === 0) return
      const found = kept.get(runId)
      const soFar = { known: found !== undefined, kept: (found?.events.length ?? 0) - 1, ended: found?.run.ending != null }
      const rest = notYetKept(runId, events, soFar)
      if (!found) return
      found.events.push(...structuredClone(rest))
      const last = rest.at(-1)
      const ending = last ? endingOf(last) : null
      if (last && ending) {
        found.run.ending = structuredClone(ending)
        found.run.completedAt = new Date(found.run.createdAt.getTime() + Math.round(last.at))
      }
    },
    async findRun(runId) {
      return structuredClone(kept.get(runId)?.run ?? null)
    },
    async readEvents(runId, after) {
      return structuredClone((kept.get(runId)?.events ?? []).slice(Math.max(0, after + 1)))
    },
    async listRuns(actorId, { limit, before, filter = {} }) {
      const runs = [...kept.values()].map(({ run }) => run)
      return runs
        .filter((run) => run.actorId === actorId && fits(run, filter))
        .sort(newestFirst)
        .filter((run) => !before || newestFirst(before, run) < 0)
        .slice(0, limit)
        .map(({ runId, language, version, limits, ending, createdAt, name, pinned, files, entry }) =>
          structuredClone({
            runId,
            language,
            version,
            limits,
            ending,
            createdAt,
            name,
            pinned,
            excerpt: excerptOf(files, entry),
          }),
        )
    },
    async updateRun(runId, { name, pinned, shared }) {
      const found = kept.get(runId)
      if (found && name !== undefined) found.run.name = name
      if (found && pinned !== undefined) found.run.pinned = pinned
      if (found && shared) found.run.shared = true
    },
    async deleteRun(runId) {
      if (kept.delete(runId)) deleted.add(runId)
    },
    async removalOf(runId) {
      return deleted.has(runId) ? { by: 'owner' } : null
    },
    async findInterrupted(isAlive) {
      const interrupted: StoredRun[] = []
      for (const { run } of kept.values())
        if (run.ending === null && !(await isAlive(run.instance))) interrupted.push(structuredClone(run))
      return interrupted
    },
  }
}

function fits(run: StoredRun, { text, language, status, pinned }: RunFilter): boolean {
  const searched = `${run.name ?? ''}\n${searchTextOf(run.files)}`.toLowerCase()
  return (
    (text === undefined || searched.includes(text.toLowerCase())) &&
    (language === undefined || run.language === language) &&
    (status === undefined || (run.ending !== null && statusOf(run.ending.verdict) === status)) &&
    (pinned === undefined || run.pinned)
  )
}

type Position = { createdAt: Date; runId: RunId }

function newestFirst(a: Position, b: Position): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.runId < b.runId ? 1 : a.runId > b.runId ? -1 : 0)
}
