import { AppError } from '../../protocol/errors.ts'
import type { Acquired } from '../executor.ts'
import type { Sandbox, SandboxFactory, SandboxListener, SandboxSpec } from '../sandbox.ts'
import { createFairQueue, placesOfOneOwner } from './fairness.ts'
import {
  type Demand,
  estimatedIdleBytes,
  givingWay,
  idleBytesOf,
  isForgotten,
  unused,
  usedAgain,
  usesAt,
  waitingTargets,
} from './pool-size.ts'
import { type Moment, refillTime, removalTime, replacedWithin } from './spare-time.ts'

export type PoolOptions = {
  factory: SandboxFactory
  /** Runs at one time. Each has a CPU and its memory limit to itself. */
  maxRunning: number
  /** Runs that wait for a place. One more is refused. */
  maxQueued: number
  /** Of these, how many may be one owner's. */
  maxQueuedPerOwner: number
  /** How many sandboxes may be made at a time: making one keeps a core busy. */
  maxPreparing: number
  /** `follow-demand`: what is used often has more waiting, as memory allows. `fixed`: exactly what `keepWaiting` says. */
  sizing: 'follow-demand' | 'fixed'
  cpus: number
  /** Bytes that could be used now without taking them from anybody. */
  availableMemory(): number
  /** A waiting sandbox could not be made, or died. */
  onTrouble(spec: SandboxSpec, reason: unknown): void
}

/** A sandbox of one's own. Giving it back destroys it: none is ever used twice. */
export type Lease = {
  sandbox: Sandbox
  acquired: Acquired
  /** `at-once` where something may still run in it; a finished one is removed when that disturbs nobody. */
  release(when?: 'at-once'): void
}

type Waiting = { sandbox: Sandbox; alive: boolean }
type Kind = {
  spec: SandboxSpec
  floor: number
  target: number
  demand: Demand
  idleBytes: number
  measured: boolean
  preparingMs: number
  waiting: Waiting[]
  preparing: number
  /** Since when there are fewer than there should be. */
  missingSince: number | null
  failures: number
  retryAt: number
}
type Request = {
  spec: SandboxSpec
  signal: AbortSignal
  owner: string
  askedAt: number
  resolve(lease: Lease): void
  reject(error: unknown): void
  leave(): void
}
/** A place that is taken. */
type Run = { owner: string; startedAt: number }

const maxRetryMs = 30_000
/** How often the wanted numbers follow what has faded, and what memory there is. */
const resizeMs = 5_000
/** Unusual limits make kinds of their own. Nobody needs more of them at a time, and somebody who tries them all does not fill our memory. */
const maxKinds = 64

/**
 * A bounded number of sandboxes, some of them already waiting. A run takes a waiting one of its kind at once; else one is made for it;
 * else, with the machine full, it queues, and the queue is fair to owners.
 */
export function createPool(options: PoolOptions) {
  const { factory, maxRunning, maxQueued, maxQueuedPerOwner, maxPreparing, onTrouble } = options
  const followsDemand = options.sizing === 'follow-demand'
  const placesEach = placesOfOneOwner(maxRunning)
  const kinds = new Map<string, Kind>()
  const queue = createFairQueue<Request>()
  const runs = new Set<Run>()
  const closing = new AbortController()
  const refills = new Set<Promise<void>>()
  const preparations = new Set<Promise<void>>()
  const removals = new Set<Promise<void>>()
  /** Given back, and not yet removed. */
  let lingering: { sandbox: Sandbox; givenBackAt: number }[] = []
  /** Sandboxes being made for runs that wait for them. */
  let preparingForRuns = 0
  let quietSince = Number.NEGATIVE_INFINITY
  let refillTimer: NodeJS.Timeout | undefined
  let removalTimer: NodeJS.Timeout | undefined
  const resizeTimer = followsDemand ? setInterval(resize, resizeMs).unref() : undefined

  function acquire(spec: SandboxSpec, signal: AbortSignal, owner: string): Promise<Lease> {
    signal.throwIfAborted()
    assertRoom(owner)
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (queue.remove(owner, request)) reject(signal.reason)
      }
      const request: Request = { spec, signal, owner, askedAt: performance.now(), resolve, reject, leave }
      queue.push(owner, request)
      signal.addEventListener('abort', leave, { once: true })
      serveNext()
    })
  }

  function assertRoom(owner: string): void {
    if (closing.signal.aborted) throw new AppError('unavailable', 'The server is shutting down.', { retryAfterSec: 10 })
    if (mayHaveMore(owner)) return
    // Theirs to mend, and true also while there is room for others.
    if (queue.sizeOf(owner) >= maxQueuedPerOwner && queue.sizeOf(owner) > 0)
      throw new AppError(
        'too-many-requests',
        `${queue.sizeOf(owner)} of your runs are waiting already. Let some of them finish, then try again.`,
        { retryAfterSec: 5 },
      )
    if (queue.size >= maxQueued)
      throw new AppError(
        'unavailable',
        `All ${maxRunning} sandboxes are busy and ${maxQueued} runs are waiting. Try again in a moment.`,
        { retryAfterSec: 5 },
      )
  }

  function runningOf(owner: string): number {
    let count = 0
    for (const run of runs) if (run.owner === owner) count++
    return count
  }

  const mayHaveMore = (owner: string): boolean => runs.size < maxRunning && runningOf(owner) < placesEach

  function serveNext(): void {
    while (runs.size < maxRunning) {
      const request = queue.next(runningOf, mayHaveMore)
      if (!request) return
      request.signal.removeEventListener('abort', request.leave)
      serve(request)
    }
  }

  function serve({ spec, signal, owner, askedAt, resolve, reject }: Request): void {
    const run: Run = { owner, startedAt: performance.now() }
    const queuedMs = run.startedAt - askedAt
    runs.add(run)
    const kind = followsDemand ? kindOf(spec) : kinds.get(spec.key)
    if (kind) kind.demand = usedAgain(kind.demand, run.startedAt)
    if (followsDemand) setTargets()
    const ready = takeWaiting(kind)
    if (ready) {
      refillSoon()
      resolve(leaseOf(ready, run, { from: 'waiting', queuedMs, makingMs: 0 }))
      return
    }
    if (followsDemand) makeRoom(spec)
    preparingForRuns++
    const wanted = AbortSignal.any([signal, closing.signal])
    const preparation: Promise<void> = timed(kind, () => factory.prepare(spec, wanted))
      .then((sandbox) => {
        if (wanted.aborted) {
          discard(sandbox)
          throw wanted.reason
        }
        const makingMs = performance.now() - run.startedAt
        run.startedAt += makingMs
        resolve(leaseOf(sandbox, run, { from: 'made', queuedMs, makingMs }))
      })
      .catch((error) => {
        reject(error)
        freePlace(run)
      })
      .finally(() => {
        preparingForRuns--
        preparations.delete(preparation)
        refillSoon()
      })
    preparations.add(preparation)
    refillSoon()
  }

  function takeWaiting(kind: Kind | undefined): Sandbox | undefined {
    const taken = kind?.waiting.shift()
    // Taken, it waits no more: that it ends from now on is no loss of a waiting one.
    if (taken) taken.alive = false
    return taken?.sandbox
  }

  function leaseOf(sandbox: Sandbox, run: Run, acquired: Acquired): Lease {
    let held = true
    return {
      sandbox,
      acquired,
      release(when) {
        if (!held) return
        held = false
        if (when === 'at-once' || closing.signal.aborted) discard(sandbox)
        else lingering.push({ sandbox, givenBackAt: performance.now() })
        freePlace(run)
      },
    }
  }

  function freePlace(run: Run): void {
    runs.delete(run)
    quietSince = performance.now()
    serveNext()
    removeDue()
    refillSoon()
  }

  const moment = (): Moment => ({ now: performance.now(), runs: Array.from(runs, (run) => run.startedAt), quietSince })

  /** Removes what was given back and disturbs nobody any more, and comes back for the rest. */
  function removeDue(): void {
    clearTimeout(removalTimer)
    const at = moment()
    // However many come at once: there are never more of them than of runs.
    while (lingering.length > maxRunning) discard((lingering.shift() as (typeof lingering)[0]).sandbox)
    const times = lingering.map(({ givenBackAt }) => removalTime(at, givenBackAt))
    const due = lingering.filter((_, nth) => (times[nth] as number) <= at.now)
    lingering = lingering.filter((one) => !due.includes(one))
    for (const { sandbox } of due) discard(sandbox)
    const next = Math.min(...times.filter((time) => time > at.now))
    if (next < Number.POSITIVE_INFINITY) removalTimer = setTimeout(removeDue, Math.ceil(next - at.now))
  }

  function discard(sandbox: Sandbox): void {
    const removal = sandbox.destroy().finally(() => removals.delete(removal))
    removals.add(removal)
  }

  function kindOf(spec: SandboxSpec): Kind {
    let kind = kinds.get(spec.key)
    if (!kind) {
      kind = {
        spec,
        floor: 0,
        target: 0,
        demand: unused,
        idleBytes: estimatedIdleBytes(spec.agentArguments),
        measured: false,
        preparingMs: 300,
        waiting: [],
        preparing: 0,
        missingSince: null,
        failures: 0,
        retryAt: 0,
      }
      kinds.set(spec.key, kind)
      forgetSome(kind)
    }
    return kind
  }

  function forgetSome(newest: Kind): void {
    const now = performance.now()
    const learned = [...kinds.values()].filter((kind) => kind.floor === 0 && kind !== newest)
    for (const kind of learned) if (isForgotten(usesAt(kind.demand, now))) forget(kind)
    if (kinds.size <= maxKinds) return
    const [leastUsed] = learned.sort((a, b) => usesAt(a.demand, now) - usesAt(b.demand, now))
    if (leastUsed) forget(leastUsed)
  }

  function forget(kind: Kind): void {
    if (kinds.get(kind.spec.key) === kind) kinds.delete(kind.spec.key)
    dismiss(kind, kind.waiting.length)
  }

  function setTargets(): void {
    if (!followsDemand) {
      for (const kind of kinds.values()) kind.target = kind.floor
      return
    }
    const now = performance.now()
    const held = [...kinds.values()].reduce((sum, kind) => sum + kind.waiting.length * kind.idleBytes, 0)
    const targets = waitingTargets(
      Array.from(kinds.values(), (kind) => ({
        key: kind.spec.key,
        floor: kind.floor,
        uses: usesAt(kind.demand, now),
        idleBytes: kind.idleBytes,
        replacedWithinMs: replacedWithin(kind.preparingMs),
      })),
      options.availableMemory() + held,
      options.cpus,
    )
    for (const kind of kinds.values()) kind.target = targets.get(kind.spec.key) ?? 0
  }

  /** Here, and not with every run, so that numbers at the edge do not have sandboxes made and removed all the time. */
  function resize(): void {
    setTargets()
    for (const kind of kinds.values()) dismiss(kind, kind.waiting.length - kind.target)
    refillSoon()
  }

  /** A run for which nothing waits comes before everything that waits for nobody yet. */
  function makeRoom(spec: SandboxSpec): void {
    const missing = spec.memoryBytes - options.availableMemory()
    if (missing <= 0) return
    const now = performance.now()
    const others = Array.from(kinds.values(), ({ spec: { key }, demand, idleBytes, waiting }) => ({
      key,
      uses: usesAt(demand, now),
      idleBytes,
      waiting: waiting.length,
    }))
    for (const key of givingWay(others, missing)) dismiss(kinds.get(key) as Kind, 1)
  }

  function dismiss(kind: Kind, count: number): void {
    if (count <= 0) return
    for (const waiting of kind.waiting.splice(-count)) {
      waiting.alive = false
      discard(waiting.sandbox)
    }
  }

  function refillSoon(delayMs = 0): void {
    if (closing.signal.aborted) return
    clearTimeout(refillTimer)
    refillTimer = setTimeout(refill, Math.ceil(delayMs)).unref()
  }

  /** Makes what is missing, in spare time and never ahead of a run that waits. */
  function refill(): void {
    const at = moment()
    let next = Number.POSITIVE_INFINITY
    // Looked at again when a run or a preparation ends.
    if (queue.size > 0 && runs.size >= maxRunning) return
    for (const kind of kinds.values())
      if (kind.waiting.length + kind.preparing >= kind.target) kind.missingSince = null
      else kind.missingSince ??= at.now
    // The emptiest first, so that every language has one waiting before one has two.
    const missing = [...kinds.values()]
      .filter((kind) => kind.missingSince !== null)
      .sort((a, b) => a.waiting.length + a.preparing - (b.waiting.length + b.preparing) || b.demand.uses - a.demand.uses)
    for (const kind of missing) {
      const spare = refillTime(at, kind.missingSince ?? at.now, maxPreparing)
      const due = Math.max(spare.at, kind.retryAt)
      if (due > at.now) {
        next = Math.min(next, due)
        continue
      }
      // Looked at again when one of these is done.
      if (refills.size >= spare.atOnce || preparingForRuns + refills.size >= maxPreparing) return
      const refilling: Promise<void> = addWaiting(kind).finally(() => {
        refills.delete(refilling)
        refillSoon()
      })
      refills.add(refilling)
      // Another of the same kind may be missing, and the order is another now.
      refill()
      return
    }
    if (next < Number.POSITIVE_INFINITY) refillSoon(next - at.now)
  }

  async function addWaiting(kind: Kind): Promise<void> {
    kind.preparing++
    try {
      const sandbox = await timed(kind, () => factory.prepare(kind.spec, closing.signal))
      kind.failures = 0
      if (closing.signal.aborted || kinds.get(kind.spec.key) !== kind || kind.waiting.length >= kind.target)
        return discard(sandbox)
      const waiting: Waiting = { sandbox, alive: true }
      sandbox.listen(whileWaiting(kind, waiting))
      if (!waiting.alive) return
      kind.waiting.push(waiting)
      if (followsDemand && !kind.measured) void measure(kind, sandbox)
    } catch (error) {
      if (!closing.signal.aborted) trouble(kind, error)
    } finally {
      kind.preparing--
    }
  }

  /** How long it takes lately; a busy machine takes longer. */
  async function timed(kind: Kind | undefined, prepare: () => Promise<Sandbox>): Promise<Sandbox> {
    const from = performance.now()
    const sandbox = await prepare()
    if (kind) kind.preparingMs += (performance.now() - from - kind.preparingMs) / 4
    return sandbox
  }

  /** Asked once of each kind: it costs the engine a few milliseconds, and the next one holds as much. */
  async function measure(kind: Kind, sandbox: Sandbox): Promise<void> {
    kind.measured = true
    const held = await sandbox.heldBytes()
    if (held !== null) kind.idleBytes = idleBytesOf(held)
  }

  /** A sandbox that says something before it was asked, or dies, is not one to run a program in. */
  function whileWaiting(kind: Kind, waiting: Waiting): SandboxListener {
    const drop = (reason: unknown) => {
      if (!waiting.alive) return
      waiting.alive = false
      kind.waiting = kind.waiting.filter((one) => one !== waiting)
      discard(waiting.sandbox)
      if (!closing.signal.aborted) trouble(kind, reason)
    }
    return { frame: (frame) => drop(`it said "${frame.type}" while it was waiting`), end: drop }
  }

  function trouble(kind: Kind, reason: unknown): void {
    kind.failures++
    kind.retryAt = performance.now() + Math.min(maxRetryMs, 250 * 2 ** kind.failures)
    // Nobody asked for this kind to be kept. It may be of an image that is gone.
    if (kind.floor === 0) forget(kind)
    onTrouble(kind.spec, reason)
    refillSoon()
  }

  return {
    acquire,
    /** Throws what `acquire` would, without taking a place. */
    assertRoom,
    /** From now on at least this many of this kind wait, used or not, if memory allows. 0 forgets the kind. */
    keepWaiting(spec: SandboxSpec, floor: number): void {
      if (floor === 0) {
        const kind = kinds.get(spec.key)
        if (kind) forget(kind)
      } else {
        const kind = kindOf(spec)
        kind.floor = floor
        kind.retryAt = 0
      }
      setTargets()
      refillSoon()
    },
    counts: () => ({
      waiting: [...kinds.values()].reduce((sum, kind) => sum + kind.waiting.length, 0),
      running: runs.size,
      queued: queue.size,
    }),
    waitingOf: (key: string): number => kinds.get(key)?.waiting.length ?? 0,
    /** Refuses what comes, turns away what waits, and removes every sandbox that nobody has leased. */
    async close(): Promise<void> {
      closing.abort(new AppError('unavailable', 'The server is shutting down.', { retryAfterSec: 10 }))
      clearTimeout(refillTimer)
      clearTimeout(removalTimer)
      clearInterval(resizeTimer)
      for (const request of queue.clear()) request.reject(closing.signal.reason)
      for (const kind of kinds.values()) forget(kind)
      for (const { sandbox } of lingering.splice(0)) discard(sandbox)
      // What is being made is not gone before it knows that nobody wants it.
      await Promise.allSettled([...refills, ...preparations])
      await Promise.allSettled(removals)
    },
  }
}
export type Pool = ReturnType<typeof createPool>
