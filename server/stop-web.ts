import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpServer } from './http-server.ts'
import type { ProcessLife } from './process-life.ts'
import type { Runs } from './runs.ts'

/** Long enough for a balancer that asks for the health every second or two. */
const noticedMs = 2_000

/**
 * How a web server stops. From the signal on it begins nothing new and its health says so (http-server.ts, health.ts). With other servers
 * beside it (`shared`) it then stops listening, and its viewers go on at another one, since what they watch runs on a worker. Alone it is
 * the one they watch: it listens until its runs have ended, or were stopped at the deadline.
 */
export function stopWebInOrder({
  life,
  http,
  runs,
  shared,
}: {
  life: Pick<ProcessLife, 'opened' | 'msForRuns'>
  http: Pick<HttpServer, 'stopListening' | 'sendViewersAway' | 'answered'>
  runs: Pick<Runs, 'close'>
  shared: boolean
}): void {
  // Closed in reverse: to be read from below.
  life.opened('the port', () => http.stopListening())
  life.opened('the runs', () => runs.close(life.msForRuns()))
  life.opened('the answers under way', () => http.answered(life.msForRuns()))
  if (!shared) return
  life.opened('the viewers', async () => {
    await sleep(noticedMs)
    http.stopListening()
    http.sendViewersAway()
  })
}
