import { type Log, reasonOf } from '../log.ts'

/** Faster than the default of every engine there is: making a sandbox takes 132 CPU-ms with crun where runc takes 165. */
const preferred = 'crun'

export type RuntimeQuestion = {
  /** What the setting says; without it the best the engine has. */
  wanted: string | undefined
  /** By the engine's own words. That one is listed does not mean that it works, or is installed. */
  listed: readonly string[]
  /** Makes a sandbox with it and throws it away: an agent that says it is ready has needed all that a run needs of a runtime. */
  tryOut(runtime: string): Promise<void>
  log: Log
}

/**
 * The OCI runtime to use; undefined stands for the engine's default. A runtime somebody asked for is never silently another: throws with what to do
 * when it is not there or starts nothing.
 */
export async function chooseRuntime({ wanted, listed, tryOut, log }: RuntimeQuestion): Promise<string | undefined> {
  if (wanted !== undefined) {
    assertListed(wanted, listed)
    try {
      await tryOut(wanted)
    } catch (cause) {
      throw new Error(
        `its runtime "${wanted}" does not start a sandbox (${reasonOf(cause)}); unset BUGGHOST_RUNTIME or mend it`,
        { cause },
      )
    }
    return wanted
  }
  if (!listed.includes(preferred)) return undefined
  try {
    await tryOut(preferred)
    log.info({ runtime: preferred }, 'sandboxes are made with the faster runtime the engine has')
    return preferred
  } catch (error) {
    log.warn(
      { runtime: preferred, reason: reasonOf(error) },
      'the engine lists a faster runtime that does not work; its default is used',
    )
    return undefined
  }
}

/** To be asked before anything is made with it. */
export function assertListed(wanted: string | undefined, listed: readonly string[]): void {
  if (wanted !== undefined && !listed.includes(wanted))
    throw new Error(`it has no runtime "${wanted}" (it has ${listed.join(', ')}); unset BUGGHOST_RUNTIME or install it`)
}
