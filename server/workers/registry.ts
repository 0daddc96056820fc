import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Executor, LanguageState } from '../../sandbox/executor.ts'
import { keys } from './keys.ts'

/** What a worker says of itself. */
const WorkerState = z.object({
  engine: z.object({ ok: z.boolean(), message: z.string() }),
  languages: z.array(
    z.object({
      id: z.string(),
      version: z.string(),
      ready: z.boolean(),
      building: z.boolean().optional(),
      message: z.string(),
      image: z.string(),
      imageDigest: z.string(),
    }),
  ),
  sandboxes: z.object({ waiting: z.number(), running: z.number(), queued: z.number() }),
  /** How many runs it takes at a time. */
  places: z.number(),
})
export type WorkerState = z.infer<typeof WorkerState>

/** A worker that has not been heard of for this long is dead. */
export const leaseMs = 6_000
const sayMs = 2_000
const lookMs = 1_000

/** Says over and over that this worker lives and what it can run, until closed. A failure to say so is told once, and tried again. */
export function sayThatWorkerLives(redis: Redis, worker: string, state: () => WorkerState, log: Logger) {
  let told = false
  async function say(): Promise<void> {
    try {
      await redis
        .multi()
        .set(keys.worker(worker), JSON.stringify(state()), 'PX', leaseMs)
        .zadd(keys.workers, Date.now(), worker)
        .exec()
      told = false
    } catch (error) {
      if (!told) log.warn({ reason: (error as Error).message }, 'Redis cannot be told that this worker lives')
      told = true
    }
  }
  const first = say()
  const timer = setInterval(() => void say(), sayMs)
  return {
    /** Resolves when it has been said once. */
    said: first,
    /** Says it at once, as after a change. */
    say,
    async close(): Promise<void> {
      clearInterval(timer)
      await redis
        .multi()
        .del(keys.worker(worker))
        .zrem(keys.workers, worker)
        .exec()
        .catch(() => {})
    },
  }
}

/** Whether a worker has been heard of lately. */
export const isWorkerAlive = async (redis: Redis, worker: string): Promise<boolean> =>
  (await redis.exists(keys.worker(worker))) === 1

/** Every worker that lives, asked once. Those that have been dead for long are forgotten. */
async function readWorkers(redis: Redis): Promise<WorkerState[]> {
  const names = await redis.zrange(keys.workers, 0, -1)
  if (names.length === 0) return []
  const states = await redis.mget(names.map(keys.worker))
  const silent = names.filter((_, index) => states[index] === null)
  // Its name is only there to be asked for; one that comes back says it again.
  if (silent.length > 0) await redis.zrem(keys.workers, ...silent)
  return states.flatMap((state) => (state === null ? [] : [WorkerState.parse(JSON.parse(state))]))
}

type ExecutorState = ReturnType<Executor['state']>
/** A language as this server knows it from its own manifests. */
type Known = Pick<LanguageState, 'id' | 'version' | 'image'>

/** Follows what the workers say of themselves. `state` is what was known a second ago. */
export async function watchWorkers(redis: Redis, languages: readonly Known[], log: Logger) {
  let state = stateOf([], languages)
  let trouble = ''
  async function look(): Promise<void> {
    try {
      state = stateOf(await readWorkers(redis), languages)
      trouble = ''
    } catch (error) {
      const reason = (error as Error).message
      if (reason !== trouble) log.warn({ reason }, 'The workers cannot be asked for')
      trouble = reason
      const message = 'The queue of the workers (REDIS_URL) does not answer. Runs work again by themselves once it does.'
      state = { ...state, engine: { ok: false, message }, languages: state.languages.map((one) => ({ ...one, ready: false })) }
    }
  }
  await look()
  const timer = setInterval(() => void look(), lookMs)
  timer.unref()
  return { state: () => state, look, close: () => clearInterval(timer) }
}

/** All workers together as if they were one: a language is ready when it is on one of them. */
export function stateOf(workers: readonly WorkerState[], languages: readonly Known[]): ExecutorState {
  const well = workers.filter(({ engine }) => engine.ok)
  const engine =
    well.length > 0
      ? { ok: true, message: `${well.length} ${well.length === 1 ? 'worker' : 'workers'} with ${well[0]?.engine.message}` }
      : {
          ok: false,
          message:
            workers[0]?.engine.message ??
            'No worker is there to run programs. Start one with `npm run worker`; runs work by themselves once it is there.',
        }
  return {
    engine,
    languages: languages.map(({ id, version, image }) => {
      const here = well.flatMap((worker) => worker.languages.filter((one) => one.id === id && one.version === version))
      const best = here.find(({ ready }) => ready) ?? here.find(({ building }) => building) ?? here[0]
      return best
        ? { ...best, building: best.building ?? false }
        : { id, version, ready: false, building: false, message: 'No worker has it.', image, imageDigest: '' }
    }),
    sandboxes: {
      waiting: sum(workers, ({ sandboxes }) => sandboxes.waiting),
      running: sum(workers, ({ sandboxes }) => sandboxes.running),
      queued: sum(workers, ({ sandboxes }) => sandboxes.queued),
    },
  }
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0)
