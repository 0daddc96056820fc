import { type Log, reasonOf } from '../log.ts'
import type { Engine, FoundSandbox } from './docker.ts'

export type ReaperOptions = {
  engine: Pick<Engine, 'listSandboxes' | 'isInUse' | 'remove'>
  instance: string
  installation: string
  isAlive(instance: string): Promise<boolean>
  log: Log
}

const everyMs = 30_000
/** A container of an installation we know nothing of is only removed when it has long ended: ours may not be the only server on this engine. */
const foreignCorpseAgeMs = 10 * 60_000

/**
 * Removes containers whose maker no longer lives, and this server's own that it could not remove in their time because the engine was away.
 * Works by the labels alone, so it needs no memory of what the last server did.
 */
export function startReaper({ engine, instance, installation, isAlive, log }: ReaperOptions) {
  let working: Promise<void> | undefined

  function look(): void {
    working ??= reap().finally(() => {
      working = undefined
    })
  }

  async function reap(): Promise<void> {
    try {
      const found = await engine.listSandboxes()
      const makers = new Set(
        found.filter((one) => one.installation === installation && one.instance !== instance).map((one) => one.instance),
      )
      const dead = new Set<string>()
      for (const maker of makers) if (!(await isAlive(maker))) dead.add(maker)
      const abandoned = found.filter((one) =>
        isAbandoned(one, { installation, instance, dead, isInUse: engine.isInUse, now: Date.now() }),
      )
      let count = 0
      for (const { containerId } of abandoned) {
        try {
          await engine.remove(containerId)
          count++
        } catch (error) {
          // One that is stuck does not keep the rest; the next look tries it again.
          log.warn({ containerId, reason: reasonOf(error) }, 'could not remove an abandoned sandbox')
        }
      }
      if (count > 0) log.info({ count }, 'removed sandboxes that nobody uses any more')
    } catch (error) {
      // An engine that is away is told of elsewhere; the next look finds what this one missed.
      log.warn({ reason: reasonOf(error) }, 'could not look for abandoned sandboxes')
    }
  }

  const timer = setInterval(look, everyMs)
  timer.unref()
  return {
    look,
    async close() {
      clearInterval(timer)
      await working
    },
  }
}

export type Known = {
  installation: string
  instance: string
  /** Servers of this installation that no longer live. */
  dead: ReadonlySet<string>
  isInUse(sandboxId: string): boolean
  now: number
}

export function isAbandoned(one: FoundSandbox, known: Known): boolean {
  if (one.installation !== known.installation) return !one.running && known.now - one.createdAt.getTime() > foreignCorpseAgeMs
  // Asked after the list was made: what is new in it is in use by then.
  if (one.instance === known.instance) return !known.isInUse(one.sandboxId)
  return known.dead.has(one.instance)
}
