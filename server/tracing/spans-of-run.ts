import type { RunId } from '../../protocol/ids.ts'
import type { RunEvent } from '../../protocol/run.ts'
import type { Acquired } from '../../sandbox/executor.ts'
import type { Attributes, Span } from './tracing.ts'

export type TracedRun = {
  runId: RunId
  language: string
  version: string
  /** Milliseconds since 1970; the events count from then. */
  acceptedAt: number
  /** Spent in a queue before this process had it; 0 where there is none. */
  waitedMs: number
  acquired: Acquired | null
  events: readonly RunEvent[]
}

export const attributesOf = ({ runId, language, version }: Pick<TracedRun, 'runId' | 'language' | 'version'>): Attributes => ({
  'bugghost.run_id': runId,
  'bugghost.language': language,
  'bugghost.version': version,
})

/** Where the time of a run went, told by its events: the queue, the sandbox, each stage. Nothing of what is in them. */
export function spanOfRun(run: TracedRun): Span {
  const { acceptedAt, waitedMs, acquired, events } = run
  const last = events.at(-1)
  const endedAt = acceptedAt + (last?.at ?? 0)
  const children: Span[] = []
  if (acquired) {
    const placeAt = acceptedAt + waitedMs + acquired.queuedMs
    children.push(
      { name: 'queue', from: acceptedAt, to: placeAt },
      { name: 'sandbox', from: placeAt, to: placeAt + acquired.makingMs, attributes: { 'bugghost.sandbox': acquired.from } },
    )
  } else children.push({ name: 'queue', from: acceptedAt, to: endedAt })
  const begun = events.filter((event) => event.type === 'started')
  for (const [nth, { stage, at }] of begun.entries())
    children.push({ name: `stage ${stage}`, from: acceptedAt + at, to: acceptedAt + (begun[nth + 1]?.at ?? last?.at ?? at) })
  const verdict = last?.type === 'finished' ? last.verdict.kind : null
  return {
    name: 'run',
    from: acceptedAt,
    to: endedAt,
    attributes: { ...attributesOf(run), ...(verdict ? { 'bugghost.verdict': verdict } : {}) },
    failed: verdict === 'sandbox-failed' || verdict === 'interrupted' || verdict === null,
    children,
  }
}

/** From the end of a run to its ending in the database. */
export const spanOfKeeping = (from: number, to: number, run: Pick<TracedRun, 'runId' | 'language' | 'version'>): Span => ({
  name: 'keep',
  from,
  to,
  attributes: attributesOf(run),
})
