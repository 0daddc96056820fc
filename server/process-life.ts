import type { Logger } from 'pino'

/** Of the time to stop, this is for what comes after the last run: keeping it, telling its readers, removing sandboxes. */
const lastStepsMs = 3_000

type Opened = { what: string; close(): Promise<unknown> | unknown }
type Report = (error: unknown, what: string) => void

/** What a process of ours has opened, and how it ends: everything in reverse, whatever made it end. */
export function closeInReverse() {
  /** Newest first. */
  const opened: Opened[] = []
  let stopMs = 9_000
  let stoppingSince: number | null = null

  /** Closes everything, the newest first, and ends the process. What does not close does not keep the rest open. */
  async function stop(exitCode: number, report: Report): Promise<never> {
    stoppingSince = performance.now()
    setTimeout(() => {
      report(new Error(`Not closed within ${stopMs / 1000} s.`), opened[0]?.what ?? 'the process')
      process.exit(exitCode || 1)
    }, stopMs).unref()
    for (let next = opened[0]; next; next = opened[0]) {
      try {
        await next.close()
      } catch (error) {
        report(error, next.what)
      }
      opened.shift()
    }
    process.exit(exitCode)
  }

  function stopOnSignals(log: Logger): void {
    const report: Report = (err, what) => log.error({ err }, `Closing ${what} failed`)
    let askedAt = Number.NEGATIVE_INFINITY
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        // Whoever asks twice does not want to wait. A supervisor that signals the whole group asks once, but reaches us twice:
        // directly and through `npm start`.
        if (performance.now() - askedAt < 1_000) return
        askedAt = performance.now()
        if (stoppingSince !== null) process.exit(128 + { SIGTERM: 15, SIGINT: 2, SIGHUP: 1 }[signal])
        log.info({ signal }, 'Stopping')
        void stop(0, report)
      })
    }
    // After one of these nobody knows what still holds; a supervisor starts a fresh process, and that closes what is left open.
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (err: unknown) => {
        log.fatal({ err }, `Stopping after an ${event === 'uncaughtException' ? 'uncaught exception' : 'unhandled rejection'}`)
        if (stoppingSince === null) void stop(1, report)
      })
    }
  }

  return {
    opened: (what: string, close: Opened['close']): void => {
      opened.unshift({ what, close })
    },
    stop,
    stopOnSignals,
    stopping: () => stoppingSince !== null,
    /** How long stopping may take; what is not closed by then is left. Better to choose that ourselves than to be killed. */
    stopWithin(ms: number): void {
      stopMs = ms
    },
    /** While it stops: how long the runs under way have left. */
    msForRuns: (): number => Math.max(0, stopMs - lastStepsMs - (performance.now() - (stoppingSince ?? performance.now()))),
  }
}

export type ProcessLife = ReturnType<typeof closeInReverse>

/** The sentences of an error and of what caused it. Start-up errors are written for the person who reads them here. */
export function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const known = error.constructor !== Error && error.name !== 'AppError'
  // A TypeError at start is our mistake: then the place matters.
  const own = known ? (error.stack ?? error.message) : error.message
  return error.cause ? `${own}\n  because: ${reasonsOf(error.cause)}` : own
}
