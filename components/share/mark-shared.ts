import { createApiClient } from '../../protocol/api-client.ts'
import type { RunId } from '../../protocol/ids.ts'

/**
 * Tells the server that the address of a run is given away, so that it is kept even before anybody has opened it. Nobody waits
 * for that: once somebody opens it, the server knows by itself.
 */
export function markShared(runId: RunId): void {
  createApiClient()('updateRun', { params: { run_id: runId }, body: { shared: true } }).catch(() => {})
}
