import { contract } from '../../../protocol/contract.ts'
import { answer, methodsOf, route } from '../../../server/route.ts'
import { traced } from '../../../server/tracing/traced.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.listRuns, async ({ query, actor, services }) => answer(200, await services.runs.list(actor, query))),

  POST: route(contract.createRun, async ({ body, actor, address, request, receivedAt, services }) => {
    const wait = body.wait !== false
    return traced(services.telemetry.tracing, { request, receivedAt, name: 'POST /api/runs' }, async (traceparent) => {
      // Who waits for the answer and goes away has abandoned the run; who does not wait comes back for it.
      const { run, finished } = await services.runs.create(body, actor, {
        address,
        traceparent,
        ...(wait ? { signal: request.signal } : {}),
      })
      return wait ? answer(201, await finished) : answer(202, run)
    })
  }),
})
