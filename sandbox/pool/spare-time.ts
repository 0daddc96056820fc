// Making a sandbox and removing one cost more CPU than most runs do. Both wait for moments in which no run is under way, and not for ever.

/** After a run its answer is still being written, sent, stored and, where the browser is on the same machine, drawn. */
const quietMs = 80
/** Most runs are over within a second. Those that are not get one core's worth of company, but a language without a waiting sandbox is slow. */
const patienceMs = 1_500
/** Most of what a person sees of a run happens this soon after its start. */
const firstMomentsMs = 60
const lingerMs = 50
const longestLingerMs = 300

export type Moment = {
  now: number
  /** When each run under way got its sandbox. */
  runs: readonly number[]
  /** When the last run ended. */
  quietSince: number
}

/** When a waiting sandbox that has been missing since then may be made, and how many may be in the making by then. */
export function refillTime(
  { runs, quietSince }: Moment,
  missingSince: number,
  mostAtOnce: number,
): { at: number; atOnce: number } {
  return runs.length === 0
    ? { at: quietSince + quietMs, atOnce: mostAtOnce }
    : { at: missingSince + patienceMs, atOnce: Math.min(1, mostAtOnce) }
}

/** From the moment one is taken until there is another, when one takes `preparingMs` to make. */
export const replacedWithin = (preparingMs: number): number => patienceMs + 2 * preparingMs

/** When a used sandbox that was given back then may be removed: not while its answer is on its way, nor in the first moments of another run. */
export function removalTime({ now, runs }: Moment, givenBackAt: number): number {
  const youngest = Math.max(...runs, Number.NEGATIVE_INFINITY)
  const undisturbed = youngest + firstMomentsMs > now ? youngest + firstMomentsMs : now
  return Math.min(givenBackAt + longestLingerMs, Math.max(givenBackAt + lingerMs, undisturbed))
}
