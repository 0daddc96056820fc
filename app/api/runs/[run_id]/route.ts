import { contract } from '../../../../protocol/contract.ts'
import { answer, methodsOf, route } from '../../../../server/route.ts'
import { unknownRun } from '../../../../server/unknown-run.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.getRun, async ({ params, reader, services }) => {
    const run = await services.runs.find(params.run_id, reader)
    if (!run) throw unknownRun()
    return answer(200, run)
  }),

  PATCH: route(contract.updateRun, async ({ params, body, actor, services }) => {
    await services.runs.update(params.run_id, actor, body)
    return answer(200, { run_id: params.run_id })
  }),

  DELETE: route(contract.deleteRun, async ({ params, actor, services }) => {
    await services.runs.remove(params.run_id, actor)
    return answer(200, { run_id: params.run_id })
  }),
})
