import type { RunId } from '../protocol/ids.ts'
import type { RunEvent } from '../protocol/run.ts'
import { excerptOf } from './excerpt.ts'
import { notYetKept } from './not-yet-kept.ts'
import { endingOf, type Store, type StoredRun } from './store.ts'

/** For tests: keeps runs until the process ends, and nothing that is later done to what it was given or gave. */
export function createMemoryStore(): Store {
  const kept = new Map<RunId, { run: StoredRun; events: RunEvent[] }>()

  return {
    async createRun(run) {
      if (!kept.has(run.runId))
        kept.set(run.runId, { run: structuredClone({ ...run, ending: null, completedAt: null }), events: [] })
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
    async listRuns(actorId, { limit, before }) {
      const runs = [...kept.values()].map(({ run }) => run)
      return runs
        .filter((run) => run.actorId === actorId)
        .sort(newestFirst)
        .filter((run) => !before || newestFirst(before, run) < 0)
        .slice(0, limit)
        .map(({ runId, language, version, limits, ending, createdAt, files, entry }) =>
          structuredClone({ runId, language, version, limits, ending, createdAt, excerpt: excerptOf(files, entry) }),
        )
    },
    async findInterrupted(isAlive) {
      const interrupted: StoredRun[] = []
      for (const { run } of kept.values())
        if (run.ending === null && !(await isAlive(run.instance))) interrupted.push(structuredClone(run))
      return interrupted
    },
  }
}

type Position = { createdAt: Date; runId: RunId }

function newestFirst(a: Position, b: Position): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.runId < b.runId ? 1 : a.runId > b.runId ? -1 : 0)
}
