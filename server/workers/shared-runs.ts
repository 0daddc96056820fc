import type { Redis } from 'ioredis'
import { z } from 'zod'
import { RunId } from '../../protocol/ids.ts'
import { requestLimits } from '../../protocol/limits.ts'
import { RunEvent } from '../../protocol/run.ts'
import { mostOfEach } from '../dispatch.ts'
import type { Kind } from '../metrics/metrics.ts'
import type { Places } from '../places.ts'
import { channels, keys } from './keys.ts'
import * as scripts from './scripts.ts'

/** What a run is sent while it is under way, as it lies in its inbox. */
export const Sent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('write'), text: z.string() }),
  z.strictObject({ kind: z.literal('end') }),
  z.strictObject({ kind: z.literal('signal'), signal: z.string() }),
  z.strictObject({ kind: z.literal('resize'), columns: z.number(), rows: z.number() }),
  z.strictObject({ kind: z.literal('cancel'), by: z.enum(['user', 'client', 'shutdown']) }),
])
export type Sent = z.infer<typeof Sent>

export type Opened = { kind: 'ok'; ofOwner: number } | { kind: 'full' } | { kind: 'owner-full' } | { kind: 'address-full' }
export type Claim =
  | { kind: 'run'; waitedMs: number }
  | { kind: 'gone' }
  /** A living worker has it. */
  | { kind: 'elsewhere' }
  /** Its program had started, and its worker is dead. */
  | { kind: 'lost'; worker: string }
export type Appended = 'ok' | 'ended' | 'fenced' | 'gap'
export type Answer = 'ok' | 'ended' | 'queued' | 'closed' | 'too-large' | 'too-many' | 'not-running' | 'no-terminal'

/** How a run without an ending stands. Times are milliseconds of Redis' own clock. */
export type Standing = {
  runId: RunId
  state: 'queued' | 'claimed' | 'running' | 'ended'
  worker: string | null
  openedAt: number
  claimedAt: number | null
  now: number
}

const Batch = z.array(RunEvent)

/** How long a run that is in the database stays in Redis: most readers come then, and those that are at it read on. */
const lingerMs = 60_000

export type SharedRuns = ReturnType<typeof createSharedRuns>

/** The runs under way as all servers and workers share them. Every method rejects at once while Redis is away. */
export function createSharedRuns(redis: Redis) {
  const call = callScript(redis)
  const runKeys = (runId: RunId) => [keys.run(runId), keys.events(runId), keys.inbox(runId)] as const

  async function append(
    runId: RunId,
    worker: string,
    events: readonly RunEvent[],
    { silence = false }: { silence?: boolean } = {},
  ): Promise<Appended> {
    const [first, last] = [events[0], events.at(-1)]
    if (!first || !last) return 'ok'
    return (await call(
      'append',
      [keys.run(runId), keys.events(runId), keys.living, keys.unkept, keys.owners],
      worker,
      first.seq,
      events.length,
      JSON.stringify(events),
      last.type === 'finished' ? 1 : 0,
      runId,
      channels.events(runId),
      silence ? 1 : 0,
    )) as Appended
  }

  return {
    /** A run is accepted, and waits, if there are places. `address` is what it counts for; '' for none. */
    async open(
      runId: RunId,
      { owner, address, kind, inputOpen, tty }: { owner: string; address: string; kind?: Kind; inputOpen: boolean; tty: boolean },
      { most, mostOfOwner, mostOfAddress }: Places,
    ): Promise<Opened> {
      const [answer, ofOwner] = (await call(
        'open',
        [keys.run(runId), keys.living, keys.owners],
        runId,
        owner,
        most,
        mostOfOwner,
        inputOpen ? 'open' : 'closed',
        tty ? 1 : 0,
        address,
        mostOfAddress,
        kind ? `${kind.language} ${kind.version}` : '',
      )) as [Opened['kind'], number]
      return answer === 'ok' ? { kind: answer, ofOwner } : { kind: answer }
    },

    /** A worker wants to run it. */
    async claim(runId: RunId, worker: string): Promise<Claim> {
      const [kind, more] = (await call('claim', [keys.run(runId)], worker, keys.worker(''))) as [Claim['kind'], number | string]
      switch (kind) {
        case 'run':
          return { kind, waitedMs: Number(more) }
        case 'lost':
          return { kind, worker: String(more) }
        default:
          return { kind }
      }
    },

    /** What was claimed goes back, as its program was not let in. */
    release: async (runId: RunId, worker: string): Promise<boolean> => (await call('release', [keys.run(runId)], worker)) === 1,

    /** Asked just before the program is let in. False: somebody else has the run by now. */
    start: async (runId: RunId, worker: string): Promise<boolean> => (await call('start', [keys.run(runId)], worker)) === 1,

    /** Events of one run, numbered, by who has it ('' while nobody does). Sending the same ones again changes nothing. */
    append,

    /** Ends a run in the place of a worker that is dead; whatever that worker still says of it is not heard. */
    endFor: (runId: RunId, worker: string, ending: RunEvent & { type: 'finished' }): Promise<Appended> =>
      append(runId, worker, [ending], { silence: true }),

    /** Events after `after`, in order; none of a run that is not here (any more). */
    async events(runId: RunId, after: number): Promise<RunEvent[]> {
      // An entry's id is the number of its last event + 1.
      const entries = await redis.xrange(keys.events(runId), `${after + 2}-0`, '+')
      return entries.flatMap(([, [, batch = '[]']]) => parseBatch(batch)).filter(({ seq }) => seq > after)
    },

    /** Null for a run that is not here (any more). */
    async state(runId: RunId): Promise<Standing['state'] | null> {
      return (await redis.hget(keys.run(runId), 'state')) as Standing['state'] | null
    },

    /** What it is a run of; null for what is no run, or not here (any more). */
    async kind(runId: RunId): Promise<Kind | null> {
      const [language, version] = ((await redis.hget(keys.run(runId), 'kind')) ?? '').split(' ')
      return language && version ? { language, version } : null
    },

    /** How long ago it was accepted; 0 for a run that is not here. */
    async ageMs(runId: RunId): Promise<number> {
      const opened = await redis.hget(keys.run(runId), 'opened')
      return opened === null ? 0 : Math.max(0, (await redisNow(redis)) - Number(opened))
    },

    /** Something for a run under way; its worker is told. */
    async send(runId: RunId, sent: Sent): Promise<Answer> {
      return (await call(
        'send',
        [keys.run(runId), keys.inbox(runId)],
        sent.kind,
        JSON.stringify(sent),
        sent.kind === 'write' ? Buffer.byteLength(sent.text) : 0,
        requestLimits.stdinBytes,
        mostOfEach.signals,
        mostOfEach.resizes,
        channels.worker(''),
        runId,
      )) as Answer
    },

    /** Takes what was sent out of the inbox. */
    async receive(runId: RunId): Promise<Sent[]> {
      const messages = await redis.lpop(keys.inbox(runId), 1_000)
      return (messages ?? []).map((message) => Sent.parse(JSON.parse(message)))
    },

    /** The runs that have ended `ms` ago or longer and are not in the database, oldest first. */
    async unkept(ms: number, atMost: number): Promise<RunId[]> {
      const until = (await redisNow(redis)) - ms
      return (await redis.zrangebyscore(keys.unkept, '-inf', until, 'LIMIT', 0, atMost)).map((id) => RunId.parse(id))
    },

    async kept(runId: RunId): Promise<void> {
      await call('kept', [...runKeys(runId), keys.unkept], runId, lingerMs)
    },

    async forget(runId: RunId): Promise<void> {
      await call('forget', [...runKeys(runId), keys.living, keys.unkept, keys.owners], runId)
    },

    /** Every run without an ending. */
    async living(): Promise<Standing[]> {
      const now = await redisNow(redis)
      const ids = (await redis.zrange(keys.living, 0, -1)).map((id) => RunId.parse(id))
      const found = await Promise.all(ids.map((id) => redis.hmget(keys.run(id), 'state', 'worker', 'opened', 'claimed')))
      return ids.flatMap((runId, index) => {
        const [state, worker, opened, claimed] = found[index] ?? []
        if (!state) return []
        return [
          {
            runId,
            state: state as Standing['state'],
            worker: worker ?? null,
            openedAt: Number(opened),
            claimedAt: claimed ? Number(claimed) : null,
            now,
          },
        ]
      })
    },
  }
}

export const parseBatch = (batch: string): RunEvent[] => Batch.parse(JSON.parse(batch))

/** Milliseconds since 1970, as Redis has it. */
async function redisNow(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}

/** Calls a script by its hash, and sends it along when Redis has not seen it yet. */
export function callScript(redis: Redis) {
  for (const [name, lua] of Object.entries(scripts)) {
    if (!(scriptName(name) in redis)) redis.defineCommand(scriptName(name), { lua })
  }
  return (name: keyof typeof scripts, keys: readonly string[], ...rest: (string | number)[]): Promise<unknown> => {
    const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>
    const command = commands[scriptName(name)]
    if (!command) throw new Error(`There is no script ${name}.`)
    return command.call(redis, keys.length, ...keys, ...rest)
  }
}

const scriptName = (name: string): string => `bugghost_${name}`
