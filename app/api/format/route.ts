import { contract } from '../../../protocol/contract.ts'
import { formatFile } from '../../../server/format.ts'
import { answer, methodsOf, route } from '../../../server/route.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  POST: route(contract.formatFile, async ({ body, actor, address, request, services: { perform, languages } }) =>
    answer(200, await formatFile(body, { perform, languages, owner: actor, address, signal: request.signal })),
  ),
})
