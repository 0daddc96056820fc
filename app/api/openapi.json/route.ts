import { contract } from '../../../protocol/contract.ts'
import { openApi } from '../../../server/openapi.ts'
import { answer, methodsOf, route } from '../../../server/route.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.openapi, async ({ services }) => answer(200, openApi(services.publicUrl))),
})
