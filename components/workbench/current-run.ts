import '../jitless.ts'
import { RunId } from '../../protocol/ids.ts'

// The run this tab shows, so that a reload in the middle finds it again. Another tab has its own.
const key = 'bugghost.run.1'

export function keepRun(runId: string | null): void {
  try {
    if (runId === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, runId)
  } catch {
    // Without a place to keep it, only the reload finds nothing; the run is in the history.
  }
}

export function keptRun(): RunId | null {
  try {
    const parsed = RunId.safeParse(sessionStorage.getItem(key))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
