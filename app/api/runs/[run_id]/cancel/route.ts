import { contract } from '../../../../../protocol/contract.ts'
import { answer, methodsOf, route } from '../../../../../server/route.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  POST: route(contract.cancelRun, async ({ params, actor, services }) =>
    answer(200, await services.runs.cancel(params.run_id, actor)),
  ),
})
