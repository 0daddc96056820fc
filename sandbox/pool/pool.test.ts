import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AppError, isAppError } from '../../protocol/errors.ts'
import { MiB } from '../../protocol/limits.ts'
import { createFakeFactory, fakeSpec } from '../testing/fake-sandbox.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { createPool, type Lease, type PoolOptions } from './pool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const python = fakeSpec('python')
const java = fakeSpec('java')

function openPool(options: Partial<Omit<PoolOptions, 'factory'>> = {}, { deaf = false } = {}) {
  const factory = createFakeFactory({ deaf })
  const onTrouble = vi.fn()
  const pool = createPool({
    factory,
    maxRunning: 2,
    maxQueued: 2,
    maxQueuedPerOwner: 100,
    maxPreparing: 2,
    sizing: 'fixed',
    cpus: 2,
    availableMemory: () => 16 * 1024 * MiB,
    onTrouble,
    ...options,
  })
  return { factory, onTrouble, pool }
}

/** Everything that can happen without time passing has happened. */
const settle = () => vi.advanceTimersByTimeAsync(0)
const never = new AbortController().signal

/** A request for a sandbox and what has become of it. */
function ask(pool: ReturnType<typeof createPool>, spec = python, owner = 'ann') {
  const abort = new AbortController()
  const asked: { lease?: Lease; error?: unknown; abort(): void } = { abort: () => abort.abort(new Error('not wanted any more')) }
  pool.acquire(spec, abort.signal, owner).then(
    (lease) => {
      asked.lease = lease
    },
    (error: unknown) => {
      asked.error = error
    },
  )
  return asked
}

/** A pool in which `count` sandboxes of a kind wait. */
async function openStocked(count: number, options?: Partial<PoolOptions>) {
  const opened = openPool(options)
  opened.pool.keepWaiting(python, count)
  while (opened.pool.counts().waiting < count) {
    await settle()
    opened.factory.preparing[0]?.succeed()
    await settle()
  }
  return opened
}

function refusalOf(act: () => unknown) {
  try {
    act()
  } catch (error) {
    if (isAppError(error)) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('a run', () => {
  test('takes a waiting sandbox of its kind at once', async () => {
    const { pool, factory } = await openStocked(1)
    const lease = await pool.acquire(python, never, 'ann')
    expect(lease.sandbox).toBe(factory.made[0])
    expect(factory.preparing).toEqual([])
    expect(pool.counts()).toEqual({ waiting: 0, running: 1, queued: 0 })
  })

  test('does not take one of another kind', async () => {
    const { pool, factory } = await openStocked(1)
    const asked = ask(pool, java)
    await settle()
    expect(asked.lease).toBeUndefined()
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['java'])
    factory.preparing[0]?.succeed()
    await settle()
    expect(asked.lease?.sandbox).toBe(factory.made[1])
    expect(pool.counts()).toEqual({ waiting: 1, running: 1, queued: 0 })
  })

  test('has a fresh one made when none waits', async () => {
    const { pool, factory } = openPool()
    const asked = ask(pool)
    expect(pool.counts()).toEqual({ waiting: 0, running: 1, queued: 0 })
    const sandbox = factory.preparing[0]?.succeed()
    await settle()
    expect(asked.lease?.sandbox).toBe(sandbox)
  })

  test('knows whether its sandbox had been waiting, and how long it waited for a place and for the making', async () => {
    const { pool, factory } = await openStocked(1, { maxRunning: 1 })
    const first = await pool.acquire(python, never, 'ann')
    expect(first.acquired).toEqual({ from: 'waiting', queuedMs: 0, makingMs: 0 })
    const second = ask(pool, java)
    await vi.advanceTimersByTimeAsync(300)
    first.release('at-once')
    await vi.advanceTimersByTimeAsync(50)
    factory.preparing.find(({ spec }) => spec.key === 'java')?.succeed()
    await settle()
    expect(second.lease?.acquired).toEqual({ from: 'made', queuedMs: 300, makingMs: 50 })
  })

  test('is told why when none can be made, and its place is free again', async () => {
    const { pool, factory } = openPool({ maxRunning: 1 })
    const asked = ask(pool)
    factory.preparing[0]?.fail(new Error('no such image'))
    await settle()
    expect(asked.error).toEqual(new Error('no such image'))
    expect(pool.counts().running).toBe(0)
  })

  test('queues when the machine is full, and is served in the order it came', async () => {
    const { pool, factory } = openPool()
    const running = [ask(pool), ask(pool)]
    for (const preparation of [...factory.preparing]) preparation.succeed()
    const queued = [ask(pool, java), ask(pool, python)]
    await settle()
    expect(pool.counts()).toEqual({ waiting: 0, running: 2, queued: 2 })
    expect(factory.preparing).toEqual([])
    running[0]?.lease?.release()
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['java'])
    running[1]?.lease?.release()
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['java', 'python'])
    for (const preparation of [...factory.preparing]) preparation.succeed()
    await settle()
    expect(queued.map((asked) => asked.lease?.sandbox)).toEqual(factory.made.slice(2))
  })

  test('that comes late does not overtake one that waits', async () => {
    const { pool, factory } = openPool({ maxRunning: 1, maxQueued: 2 })
    const first = ask(pool)
    factory.preparing[0]?.succeed()
    await settle()
    const second = ask(pool, java)
    first.lease?.release()
    const third = ask(pool, python)
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['java'])
    factory.preparing[0]?.succeed()
    await settle()
    expect([second.lease === undefined, third.lease === undefined]).toEqual([false, true])
  })

  test('past the end of the queue is refused: try again, and when', () => {
    const { pool } = openPool({ maxRunning: 1, maxQueued: 1 })
    ask(pool)
    ask(pool)
    for (const refused of [() => pool.assertRoom('ann'), () => pool.acquire(python, never, 'ann')]) {
      const { code, message, retryAfterSec } = refusalOf(refused)
      expect(code).toBe('unavailable')
      expect(message).toBe('All 1 sandboxes are busy and 1 runs are waiting. Try again in a moment.')
      expect(retryAfterSec).toBeGreaterThan(0)
    }
    expect(pool.counts()).toEqual({ waiting: 0, running: 1, queued: 1 })
  })

  test('that is not wanted any more before it asks takes no place', () => {
    const { pool } = openPool()
    expect(() => pool.acquire(python, AbortSignal.abort(new Error('too late')), 'ann')).toThrow('too late')
    expect(pool.counts().running).toBe(0)
  })

  test('that leaves the queue makes room in it', async () => {
    const { pool } = openPool({ maxRunning: 1, maxQueued: 1 })
    ask(pool)
    const queued = ask(pool)
    queued.abort()
    await settle()
    expect(queued.error).toEqual(new Error('not wanted any more'))
    expect(pool.counts().queued).toBe(0)
    expect(() => pool.assertRoom('ann')).not.toThrow()
  })

  test('that leaves while its sandbox is being made frees its place for the next', async () => {
    const { pool, factory } = openPool({ maxRunning: 1 })
    const first = ask(pool)
    const second = ask(pool, java)
    first.abort()
    await settle()
    expect(first.error).toEqual(new Error('not wanted any more'))
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['java'])
    factory.preparing[0]?.succeed()
    await settle()
    expect(second.lease).toBeDefined()
    expect(pool.counts()).toEqual({ waiting: 0, running: 1, queued: 0 })
  })

  test('that leaves just as its sandbox is ready leaves no sandbox behind', async () => {
    const { pool, factory } = openPool({}, { deaf: true })
    const asked = ask(pool)
    asked.abort()
    const sandbox = factory.preparing[0]?.succeed()
    await settle()
    expect(asked.error).toEqual(new Error('not wanted any more'))
    expect(sandbox?.destroys).toBe(1)
    expect(pool.counts().running).toBe(0)
  })
})

describe('giving a sandbox back', () => {
  test('that was never used is no trouble', async () => {
    const { pool, onTrouble } = await openStocked(1)
    const lease = await pool.acquire(python, never, 'ann')
    lease.release()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(onTrouble).not.toHaveBeenCalled()
  })

  test('destroys it: none is used twice', async () => {
    const { pool, factory } = await openStocked(1)
    const lease = await pool.acquire(python, never, 'ann')
    lease.release()
    expect(pool.counts()).toEqual({ waiting: 0, running: 0, queued: 0 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(factory.made[0]?.destroys).toBe(1)
  })

  test('removes it when its answer is out, and at once where something may still run in it', async () => {
    const { pool, factory } = await openStocked(2)
    const [finished, cancelled] = [await pool.acquire(python, never, 'ann'), await pool.acquire(python, never, 'ann')]
    finished?.release()
    cancelled?.release('at-once')
    expect(factory.made.map(({ destroys }) => destroys)).toEqual([0, 1])
    await vi.advanceTimersByTimeAsync(100)
    expect(factory.made.map(({ destroys }) => destroys)).toEqual([1, 1])
  })

  test('never lets more used ones linger than there may be runs', async () => {
    const { pool, factory } = openPool({ maxRunning: 2 })
    for (let nth = 0; nth < 5; nth++) {
      const asked = ask(pool)
      factory.preparing[0]?.succeed()
      await settle()
      asked.lease?.release()
    }
    expect(factory.made.map(({ destroys }) => destroys)).toEqual([1, 1, 1, 0, 0])
  })

  test('twice is once', async () => {
    const { pool, factory } = await openStocked(2)
    const [first] = [await pool.acquire(python, never, 'ann'), await pool.acquire(python, never, 'ann')]
    first?.release()
    first?.release()
    expect(pool.counts().running).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(factory.made[0]?.destroys).toBe(1)
  })
})

describe('waiting sandboxes', () => {
  test('are made ahead, as many as wanted and no more than maxPreparing at a time', async () => {
    const { pool, factory } = openPool({ maxPreparing: 2 })
    pool.keepWaiting(python, 3)
    await settle()
    expect(factory.preparing.length).toBe(2)
    factory.preparing[0]?.succeed()
    await settle()
    expect(factory.preparing.length).toBe(2)
    for (const preparation of [...factory.preparing]) preparation.succeed()
    await settle()
    expect(factory.preparing).toEqual([])
    expect(pool.counts().waiting).toBe(3)
    expect(pool.waitingOf('python')).toBe(3)
  })

  test('are spread: every language has one before one has two', async () => {
    const { pool, factory } = openPool({ maxPreparing: 1 })
    pool.keepWaiting(python, 2)
    pool.keepWaiting(java, 2)
    const made: string[] = []
    for (let round = 0; round < 4; round++) {
      await settle()
      made.push(factory.preparing[0]?.spec.key ?? '')
      factory.preparing[0]?.succeed()
    }
    expect(made).toEqual(['python', 'java', 'python', 'java'])
  })

  test('are replaced as soon as no run is under way', async () => {
    const { pool, factory } = await openStocked(1)
    const lease = await pool.acquire(python, never, 'ann')
    await vi.advanceTimersByTimeAsync(500)
    expect(factory.preparing).toEqual([])
    lease.release()
    await vi.advanceTimersByTimeAsync(100)
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['python'])
  })

  test('are replaced while a run goes on and on, one at a time', async () => {
    const { pool, factory } = await openStocked(2)
    await pool.acquire(python, never, 'ann')
    await pool.acquire(python, never, 'ann')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['python'])
    factory.preparing[0]?.succeed()
    await vi.advanceTimersByTimeAsync(100)
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['python'])
    expect(pool.counts()).toEqual({ waiting: 1, running: 2, queued: 0 })
  })

  test('are never made ahead of a run that waits', async () => {
    const { pool, factory } = openPool({ maxRunning: 1, maxPreparing: 4 })
    const running = ask(pool)
    factory.preparing[0]?.succeed()
    const queued = ask(pool)
    pool.keepWaiting(java, 2)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(factory.preparing).toEqual([])
    running.lease?.release()
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['python'])
    factory.preparing[0]?.succeed()
    await settle()
    queued.lease?.release()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['java', 'java'])
  })

  test('share maxPreparing with the runs that have theirs made', async () => {
    const { pool, factory } = openPool({ maxRunning: 2, maxPreparing: 2 })
    ask(pool)
    ask(pool)
    pool.keepWaiting(java, 2)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['python', 'python'])
    factory.preparing[0]?.succeed()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['python', 'java'])
  })

  test('that die are thrown away, told of and replaced', async () => {
    const { pool, factory, onTrouble } = await openStocked(1)
    factory.made[0]?.die('its stream ended')
    expect(pool.counts().waiting).toBe(0)
    expect(factory.made[0]?.destroys).toBe(1)
    expect(onTrouble).toHaveBeenCalledExactlyOnceWith(python, 'its stream ended')
    await vi.advanceTimersByTimeAsync(1_000)
    factory.preparing[0]?.succeed()
    await settle()
    expect(pool.counts().waiting).toBe(1)
  })

  test('that speak before they are asked are thrown away, told of and replaced', async () => {
    const { pool, factory, onTrouble } = await openStocked(1)
    factory.made[0]?.say({ type: 'output', stream: 'stdout', bytes: Buffer.from('hi') })
    expect(pool.counts().waiting).toBe(0)
    expect(factory.made[0]?.destroys).toBe(1)
    expect(onTrouble).toHaveBeenCalledExactlyOnceWith(python, 'it said "output" while it was waiting')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(factory.preparing.length).toBe(1)
  })

  test('that died the moment they were made never wait', async () => {
    const { pool, factory, onTrouble } = openPool()
    pool.keepWaiting(python, 1)
    await settle()
    factory.preparing[0]?.succeed().die('its stream ended')
    await settle()
    expect(pool.counts().waiting).toBe(0)
    expect(onTrouble).toHaveBeenCalledTimes(1)
  })

  test('that cannot be made are tried again, each time later, at most half a minute apart', async () => {
    const { pool, factory, onTrouble } = openPool({ maxPreparing: 1 })
    pool.keepWaiting(python, 1)
    const pauses: number[] = []
    for (let tries = 0; tries < 9; tries++) {
      const from = Date.now()
      while (factory.preparing.length === 0) await vi.advanceTimersToNextTimerAsync()
      pauses.push(Date.now() - from)
      factory.preparing[0]?.fail(new Error('no space left'))
      await settle()
    }
    expect(pauses.map((ms) => Math.round(ms / 100) / 10)).toEqual([0, 0.5, 1, 2, 4, 8, 16, 30, 30])
    expect(onTrouble).toHaveBeenCalledTimes(9)
    while (factory.preparing.length === 0) await vi.advanceTimersToNextTimerAsync()
    factory.preparing[0]?.succeed()
    await settle()
    expect(pool.counts().waiting).toBe(1)
  })

  test('of one language in trouble do not keep the others', async () => {
    const { pool, factory } = openPool({ maxPreparing: 1 })
    pool.keepWaiting(python, 1)
    pool.keepWaiting(java, 1)
    await settle()
    factory.preparing[0]?.fail(new Error('no space left'))
    await settle()
    expect(factory.preparing.map(({ spec }) => spec.key)).toEqual(['java'])
  })

  test('of a kind that is forgotten are removed, also those being made', async () => {
    const { pool, factory } = await openStocked(1)
    pool.keepWaiting(python, 2)
    await settle()
    pool.keepWaiting(python, 0)
    expect(factory.made[0]?.destroys).toBe(1)
    factory.preparing[0]?.succeed()
    await settle()
    expect(factory.made[1]?.destroys).toBe(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(pool.counts().waiting).toBe(0)
    expect(factory.preparing).toEqual([])
  })
})

describe('a burst', () => {
  /** Every sandbox is made the moment it is asked for, every run over as soon as it has one. */
  async function runAll(
    pool: ReturnType<typeof createPool>,
    factory: ReturnType<typeof openPool>['factory'],
    asked: ReturnType<typeof ask>[],
  ) {
    const order: number[] = []
    while (order.length < asked.length) {
      for (const preparation of [...factory.preparing]) preparation.succeed()
      await settle()
      for (const [nth, { lease, error }] of asked.entries()) {
        expect(error).toBeUndefined()
        if (!lease || order.includes(nth)) continue
        order.push(nth)
        lease.release()
      }
      expect(pool.counts().running).toBeLessThanOrEqual(4)
    }
    return order
  }

  test('of fifty is served to the last one', async () => {
    const { pool, factory } = openPool({ maxRunning: 4, maxQueued: 200, maxQueuedPerOwner: 100 })
    const asked = Array.from({ length: 50 }, () => ask(pool))
    expect(await runAll(pool, factory, asked)).toHaveLength(50)
    expect(pool.counts()).toEqual({ waiting: 0, running: 0, queued: 0 })
  })

  test('of one owner does not hold up another, who comes after it', async () => {
    const { pool, factory } = openPool({ maxRunning: 4, maxQueued: 200, maxQueuedPerOwner: 100 })
    const asked = [
      ...Array.from({ length: 50 }, () => ask(pool, python, 'ann')),
      ...Array.from({ length: 5 }, () => ask(pool, python, 'bob')),
    ]
    const order = await runAll(pool, factory, asked)
    const lastOfBob = Math.max(...order.flatMap((nth, place) => (nth >= 50 ? [place] : [])))
    // As many of ann's in between as of his own, and those that had begun.
    expect(lastOfBob).toBeLessThan(2 * 5 + 4)
  })

  test('of one owner leaves a place to others, however long its runs are', async () => {
    const { pool, factory } = openPool({ maxRunning: 4, maxQueued: 200, maxQueuedPerOwner: 100 })
    const anns = Array.from({ length: 50 }, () => ask(pool, python, 'ann'))
    const bobs = ask(pool, python, 'bob')
    for (const preparation of [...factory.preparing]) preparation.succeed()
    await settle()
    expect(anns.filter(({ lease }) => lease)).toHaveLength(3)
    expect(bobs.lease).toBeDefined()
  })

  test('of one owner beyond their part of the queue is refused, while others still get in', async () => {
    const { pool } = openPool({ maxRunning: 1, maxQueued: 10, maxQueuedPerOwner: 3 })
    for (let nth = 0; nth < 4; nth++) ask(pool, python, 'ann')
    const { code, message, retryAfterSec } = refusalOf(() => pool.acquire(python, never, 'ann'))
    expect(code).toBe('too-many-requests')
    expect(message).toBe('3 of your runs are waiting already. Let some of them finish, then try again.')
    expect(retryAfterSec).toBeGreaterThan(0)
    expect(() => ask(pool, python, 'bob')).not.toThrow()
    expect(pool.counts()).toMatchObject({ running: 1, queued: 4 })
  })
})

describe('a pool that follows demand', () => {
  const following = (options: Partial<PoolOptions> = {}) => openPool({ sizing: 'follow-demand', maxRunning: 4, ...options })
  /** One run from its start to its end. */
  async function runOnce({ pool, factory }: ReturnType<typeof openPool>, spec = python) {
    const asked = ask(pool, spec)
    for (const preparation of [...factory.preparing]) preparation.succeed()
    await settle()
    asked.lease?.release()
  }
  /** Time passes, and whatever is wanted is made at once. */
  async function pass({ factory }: ReturnType<typeof openPool>, ms: number) {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await vi.advanceTimersByTimeAsync(1_000)
      for (const preparation of [...factory.preparing]) preparation.succeed()
    }
    await settle()
  }

  test('has none of what was never used', async () => {
    const opened = following()
    opened.pool.keepWaiting(java, 1)
    await pass(opened, 10_000)
    expect([opened.pool.waitingOf('python'), opened.pool.waitingOf('java')]).toEqual([0, 1])
  })

  test('has one ready after a first use, and none any more when nobody has come back', async () => {
    const opened = following()
    await runOnce(opened)
    await pass(opened, 5_000)
    expect(opened.pool.waitingOf('python')).toBe(1)
    await pass(opened, 15 * 60_000)
    expect(opened.pool.waitingOf('python')).toBe(0)
    expect(opened.factory.made.every(({ destroys }) => destroys === 1)).toBe(true)
  })

  test('has more ready of what is used all the time, and shrinks to the floor', async () => {
    const opened = following()
    opened.pool.keepWaiting(python, 1)
    for (let second = 0; second < 300; second++) {
      await runOnce(opened)
      await pass(opened, 1_000)
    }
    expect(opened.pool.waitingOf('python')).toBeGreaterThanOrEqual(3)
    await pass(opened, 20 * 60_000)
    expect(opened.pool.waitingOf('python')).toBe(1)
  })

  test('lets what is idle go when memory becomes short', async () => {
    let free = 16 * 1024 * MiB
    const opened = following({ availableMemory: () => free })
    opened.pool.keepWaiting(java, 1)
    await pass(opened, 2_000)
    expect(opened.pool.counts().waiting).toBe(1)
    free = 0
    await pass(opened, 10_000)
    expect(opened.pool.counts().waiting).toBe(0)
  })

  test('lets what is idle go for a run that finds none of its kind and too little memory', async () => {
    let free = 16 * 1024 * MiB
    const opened = following({ availableMemory: () => free })
    opened.pool.keepWaiting(java, 2)
    await pass(opened, 4_000)
    expect(opened.pool.waitingOf('java')).toBe(2)
    free = python.memoryBytes - 1
    ask(opened.pool, python)
    expect(opened.pool.waitingOf('java')).toBe(1)
    expect(opened.factory.made.map(({ destroys }) => destroys)).toContain(1)
  })

  test('knows what one holds once it has been asked', async () => {
    const opened = following({ availableMemory: () => 1_000 * MiB - alive() * 100 * MiB })
    const alive = () => opened.factory.made.filter(({ destroys }) => destroys === 0).length
    opened.pool.keepWaiting(python, 8)
    await vi.advanceTimersByTimeAsync(100)
    // Eight of 100 MiB are more than a quarter of the memory, eight of the estimate are not.
    for (let made = 0; made < 8; made++) {
      const [preparation] = opened.factory.preparing
      preparation?.succeed().hold(100 * MiB)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    await pass(opened, 10_000)
    expect(opened.pool.waitingOf('python')).toBe(2)
  })

  test('does not go on making what nobody asked to keep and cannot be made', async () => {
    const opened = following()
    await runOnce(opened)
    await vi.advanceTimersByTimeAsync(1_000)
    opened.factory.preparing[0]?.fail(new Error('no such image'))
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    expect(opened.factory.preparing).toEqual([])
    expect(opened.onTrouble).toHaveBeenCalledTimes(1)
  })

  test('does not remember every kind somebody tried', async () => {
    const opened = following({ maxQueued: 0 })
    for (let nth = 0; nth < 300; nth++) await runOnce(opened, fakeSpec(`kind ${nth}`))
    await pass(opened, 60_000)
    expect(opened.pool.counts().waiting).toBeLessThanOrEqual(32)
  })
})

describe('closing', () => {
  test('turns away who waits and who comes', async () => {
    const { pool, factory } = openPool({ maxRunning: 1 })
    const running = ask(pool)
    factory.preparing[0]?.succeed()
    const queued = ask(pool)
    await settle()
    const closed = pool.close()
    await settle()
    expect(isAppError(queued.error) && queued.error.code).toBe('unavailable')
    expect(refusalOf(() => pool.acquire(python, never, 'ann')).message).toBe('The server is shutting down.')
    running.lease?.release()
    await closed
  })

  test('destroys every sandbox nobody holds, and waits until they are gone', async () => {
    const { pool, factory } = await openStocked(2, { maxRunning: 4 })
    pool.keepWaiting(java, 1)
    await settle()
    const asked = ask(pool, fakeSpec('node'))
    await settle()
    expect(factory.preparing.map(({ spec }) => spec.key).sort()).toEqual(['java', 'node'])
    await pool.close()
    expect(factory.preparing).toEqual([])
    expect(asked.error).toMatchObject({ code: 'unavailable' })
    for (const sandbox of factory.made) expect(sandbox.destroys).toBe(1)
    expect(pool.counts()).toEqual({ waiting: 0, running: 0, queued: 0 })
  })

  test('waits for what is being made for a run, and destroys it', async () => {
    const { pool, factory } = openPool({}, { deaf: true })
    const asked = ask(pool)
    let closed = false
    const closing = pool.close().then(() => {
      closed = true
    })
    await settle()
    expect(closed).toBe(false)
    const sandbox = factory.preparing[0]?.succeed()
    await closing
    expect(asked.error).toMatchObject({ code: 'unavailable' })
    expect(sandbox?.destroys).toBe(1)
  })

  test('makes nothing any more, and is no trouble', async () => {
    const { pool, factory, onTrouble } = await openStocked(1)
    pool.keepWaiting(java, 1)
    await settle()
    await pool.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(factory.preparing).toEqual([])
    expect(onTrouble).not.toHaveBeenCalled()
  })
})

test('whatever happens in whatever order, the counts are right and no sandbox is lost', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed)
    const limits = {
      maxRunning: 1 + random.below(3),
      maxQueued: random.below(5),
      maxQueuedPerOwner: random.below(3),
      maxPreparing: 1 + random.below(3),
      sizing: random.pick(['fixed', 'follow-demand'] as const),
      availableMemory: () => random.pick([0, 100, 300, 10_000]) * MiB,
    }
    const { pool, factory } = openPool(limits, { deaf: random.chance(0.5) })
    const specs = [python, java]
    const owners = ['ann', 'bob', 'cy']
    const asked: ReturnType<typeof ask>[] = []
    const moves: (() => void)[] = [
      () => {
        const owner = random.pick(owners)
        try {
          asked.push(ask(pool, random.pick(specs), owner))
        } catch (error) {
          const { running, queued } = pool.counts()
          expect(running).toBe(limits.maxRunning)
          if (queued < limits.maxQueued) expect(error).toMatchObject({ code: 'too-many-requests' })
          else expect(['unavailable', 'too-many-requests']).toContain((error as AppError).code)
        }
      },
      () => asked.length && random.pick(asked).abort(),
      () => asked.length && random.pick(asked).lease?.release(random.pick([undefined, 'at-once'])),
      () => factory.preparing.length && random.pick(factory.preparing).succeed(),
      () => factory.preparing.length && random.pick(factory.preparing).fail(new Error('chance')),
      () => factory.made.length && random.pick(factory.made).die('chance'),
      () => pool.keepWaiting(random.pick(specs), random.below(3)),
    ]
    for (let step = 0; step < 200; step++) {
      random.pick(moves)()
      if (random.chance(0.5)) await vi.advanceTimersByTimeAsync(random.pick([0, 0, 300, 10_000]))
      const { running, queued, waiting } = pool.counts()
      expect(running).toBeGreaterThanOrEqual(0)
      expect(running).toBeLessThanOrEqual(limits.maxRunning)
      expect(queued).toBeLessThanOrEqual(limits.maxQueued)
      if (queued > 0) expect(running).toBe(limits.maxRunning)
      expect(waiting).toBe(pool.waitingOf('python') + pool.waitingOf('java'))
      // Runs have theirs made whatever else is being made; refills keep to the bound.
      expect(factory.preparing.length).toBeLessThanOrEqual(Math.max(limits.maxPreparing, limits.maxRunning) + limits.maxPreparing)
    }
    for (const one of asked) one.abort()
    await settle()
    for (const preparation of [...factory.preparing]) preparation.fail(new Error('over'))
    await settle()
    for (const one of asked) one.lease?.release()
    expect(pool.counts()).toMatchObject({ running: 0, queued: 0 })
    const closing = pool.close()
    await settle()
    for (const preparation of [...factory.preparing]) preparation.fail(new Error('over'))
    await closing
    for (const one of asked) expect([one.lease, one.error].filter(Boolean).length).toBe(1)
    for (const sandbox of factory.made) expect(sandbox.destroys).toBe(1)
  }
})
