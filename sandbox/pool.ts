import { AppError } from '../protocol/errors.ts'
import type { Sandbox, SandboxFactory, SandboxListener, SandboxSpec } from './sandbox.ts'

export type PoolOptions = {
  factory: SandboxFactory
  /** Runs at one time. Each has a CPU and its memory limit to itself. */
  maxRunning: number
  /** Runs that wait for a place. One more is refused. */
  maxQueued: number
  /** How many sandboxes may be made at a time: making one keeps a core busy. */
  maxPreparing: number
  /** A waiting sandbox could not be made, or died. */
  onTrouble(spec: SandboxSpec, reason: unknown): void
}

/** A sandbox of one's own. Giving it back destroys it: none is ever used twice. */
export type Lease = { sandbox: Sandbox; release(): void }

type Waiting = { sandbox: Sandbox; alive: boolean }
type Kind = { spec: SandboxSpec; target: number; waiting: Waiting[]; preparing: number; failures: number; retryAt: number }
type Request = { spec: SandboxSpec; signal: AbortSignal; resolve(lease: Lease): void; reject(error: unknown): void }

/** A run under way is given this long before the sandbox it took is replaced: making one takes CPU, and most runs are over sooner. */
const refillDelayMs = 250
const maxRetryMs = 30_000

/**
 * A bounded number of sandboxes, some of them already waiting. A run takes a waiting one of its kind at once; else one is made for it;
 * else, with the machine full, it queues in the order it came.
 */
export function createPool({ factory, maxRunning, maxQueued, maxPreparing, onTrouble }: PoolOptions) {
  const kinds = new Map<string, Kind>()
  const queue: Request[] = []
  const closing = new AbortController()
  const removals = new Set<Promise<void>>()
  const refills = new Set<Promise<void>>()
  const preparations = new Set<Promise<void>>()
  let running = 0
  /** Sandboxes being made for runs that wait for them. */
  let preparingForRuns = 0
  let refillTimer: NodeJS.Timeout | undefined

  function acquire(spec: SandboxSpec, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted()
    assertRoom()
    return new Promise((resolve, reject) => {
      const request: Request = { spec, signal, resolve, reject }
      if (running < maxRunning && queue.length === 0) return serve(request)
      queue.push(request)
      signal.addEventListener('abort', () => leaveQueue(request), { once: true })
    })
  }

  function assertRoom(): void {
    if (closing.signal.aborted) throw new AppError('unavailable', 'The server is shutting down.', { retryAfterSec: 10 })
    if (running >= maxRunning && queue.length >= maxQueued)
      throw new AppError(
        'unavailable',
        `All ${maxRunning} sandboxes are busy and ${maxQueued} runs are waiting. Try again in a moment.`,
        { retryAfterSec: 5 },
      )
  }

  function leaveQueue(request: Request): void {
    const place = queue.indexOf(request)
    if (place < 0) return
    queue.splice(place, 1)
    request.reject(request.signal.reason)
  }

  function serve(request: Request): void {
    running++
    const ready = takeWaiting(request.spec.key)
    if (ready) {
      refillSoon(refillDelayMs)
      request.resolve(leaseOf(ready))
      return
    }
    preparingForRuns++
    const wanted = AbortSignal.any([request.signal, closing.signal])
    const preparation: Promise<void> = factory
      .prepare(request.spec, wanted)
      .then((sandbox) => {
        if (!wanted.aborted) return request.resolve(leaseOf(sandbox))
        discard(sandbox)
        throw wanted.reason
      })
      .catch((error) => {
        request.reject(error)
        freePlace()
      })
      .finally(() => {
        preparingForRuns--
        preparations.delete(preparation)
        refillSoon(refillDelayMs)
      })
    preparations.add(preparation)
  }

  function takeWaiting(key: string): Sandbox | undefined {
    const kind = kinds.get(key)
    while (kind?.waiting.length) {
      const waiting = kind.waiting.shift() as Waiting
      if (!waiting.alive) continue
      // Taken, it waits no more: that it ends from now on is no loss of a waiting one.
      waiting.alive = false
      return waiting.sandbox
    }
    return undefined
  }

  function leaseOf(sandbox: Sandbox): Lease {
    let held = true
    return {
      sandbox,
      release() {
        if (!held) return
        held = false
        discard(sandbox)
        freePlace()
      },
    }
  }

  function discard(sandbox: Sandbox): void {
    const removal = sandbox.destroy().finally(() => removals.delete(removal))
    removals.add(removal)
  }

  function freePlace(): void {
    running--
    while (running < maxRunning) {
      const next = queue.shift()
      if (!next) break
      if (next.signal.aborted) next.reject(next.signal.reason)
      else serve(next)
    }
    refillSoon(0)
  }

  function refillSoon(delayMs: number): void {
    if (closing.signal.aborted) return
    clearTimeout(refillTimer)
    refillTimer = setTimeout(refill, delayMs)
    refillTimer.unref()
  }

  /** Makes what is missing, never ahead of a run that waits. */
  function refill(): void {
    const now = performance.now()
    let retryAt = Number.POSITIVE_INFINITY
    for (;;) {
      if (queue.length > 0 || preparingForRuns + refills.size >= maxPreparing) return
      const short = [...kinds.values()].filter((kind) => kind.waiting.length + kind.preparing < kind.target)
      for (const kind of short) if (kind.retryAt > now) retryAt = Math.min(retryAt, kind.retryAt)
      // The emptiest first, so that every language has one waiting before one has two.
      const kind = short
        .filter((one) => one.retryAt <= now)
        .sort((a, b) => a.waiting.length + a.preparing - (b.waiting.length + b.preparing))[0]
      if (!kind) break
      const refilling: Promise<void> = addWaiting(kind).finally(() => {
        refills.delete(refilling)
        refillSoon(0)
      })
      refills.add(refilling)
    }
    if (retryAt < Number.POSITIVE_INFINITY) refillSoon(retryAt - now)
  }

  async function addWaiting(kind: Kind): Promise<void> {
    kind.preparing++
    try {
      const sandbox = await factory.prepare(kind.spec, closing.signal)
      kind.failures = 0
      if (closing.signal.aborted || kinds.get(kind.spec.key) !== kind || kind.waiting.length >= kind.target)
        return discard(sandbox)
      const waiting: Waiting = { sandbox, alive: true }
      sandbox.listen(whileWaiting(kind, waiting))
      if (waiting.alive) kind.waiting.push(waiting)
    } catch (error) {
      if (!closing.signal.aborted) trouble(kind, error)
    } finally {
      kind.preparing--
    }
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

  function dismiss(kind: Kind): void {
    for (const waiting of kind.waiting.splice(0)) {
      waiting.alive = false
      discard(waiting.sandbox)
    }
  }

  function trouble(kind: Kind, reason: unknown): void {
    kind.failures++
    kind.retryAt = performance.now() + Math.min(maxRetryMs, 250 * 2 ** kind.failures)
    onTrouble(kind.spec, reason)
    refillSoon(0)
  }

  return {
    acquire,
    /** Throws what `acquire` would, without taking a place. */
    assertRoom,
    /** From now on this many of this kind wait. 0 forgets the kind. */
    keepWaiting(spec: SandboxSpec, target: number): void {
      const kind = kinds.get(spec.key)
      if (target === 0) {
        kinds.delete(spec.key)
        if (kind) dismiss(kind)
      } else if (kind) {
        kind.target = target
        kind.retryAt = 0
      } else {
        kinds.set(spec.key, { spec, target, waiting: [], preparing: 0, failures: 0, retryAt: 0 })
      }
      refillSoon(0)
    },
    counts: () => ({
      waiting: [...kinds.values()].reduce((sum, kind) => sum + kind.waiting.length, 0),
      running,
      queued: queue.length,
    }),
    waitingOf: (key: string): number => kinds.get(key)?.waiting.length ?? 0,
    /** Refuses what comes, turns away what waits, and removes every sandbox that nobody has leased. */
    async close(): Promise<void> {
      closing.abort(new AppError('unavailable', 'The server is shutting down.', { retryAfterSec: 10 }))
      clearTimeout(refillTimer)
      for (const request of queue.splice(0)) request.reject(closing.signal.reason)
      for (const kind of kinds.values()) dismiss(kind)
      kinds.clear()
      // What is being made is not gone before it knows that nobody wants it.
      await Promise.allSettled([...refills, ...preparations])
      await Promise.allSettled(removals)
    },
  }
}
export type Pool = ReturnType<typeof createPool>
