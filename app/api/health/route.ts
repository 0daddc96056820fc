import { contract } from '../../../protocol/contract.ts'
import { healthOf } from '../../../server/health.ts'
import { answer, methodsOf, route } from '../../../server/route.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.health, async ({ services }) => {
    const health = await healthOf(services)
    return health.status === 'ok' ? answer(200, health) : answer(503, health)
  }),
})
