import { contract } from '../../../../../protocol/contract.ts'
import { answer, methodsOf, route } from '../../../../../server/route.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  POST: route(contract.writeStdin, async ({ params, body, actor, services }) => {
    if (body.data) await services.runs.write(params.run_id, actor, body.data)
    if (body.end) await services.runs.endInput(params.run_id, actor)
    return answer(200, { run_id: params.run_id })
  }),
})
