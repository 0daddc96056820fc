import { AppError } from '../../../../../../protocol/errors.ts'
import { methodsOf, refuse } from '../../../../../../server/route.ts'
import { services } from '../../../../../../server/services.ts'

// The WebSocket itself is answered by server/log-socket.ts, before Next sees it. Here come those who forgot to upgrade.
export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: async () =>
    refuse(
      new AppError('bad-request', 'This address speaks WebSocket. Over plain HTTP, read /api/runs/{run_id}/events.'),
      services().log,
      {},
    ),
})
