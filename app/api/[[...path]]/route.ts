import { AppError } from '../../../protocol/errors.ts'
import { type RouteHandler, refuse } from '../../../server/route.ts'
import { services } from '../../../server/services.ts'

// Every other path under /api: clients that parse JSON get JSON, not a page.
const nothing: RouteHandler = async (request) => {
  const { pathname } = new URL(request.url)
  const error = new AppError(
    'not-found',
    `There is nothing at ${pathname.slice(0, 200)}. GET /api/openapi.json lists what there is.`,
  )
  const response = refuse(error, services().log, {})
  response.headers.set('cache-control', 'private, no-store')
  return response
}

export {
  nothing as DELETE,
  nothing as GET,
  nothing as HEAD,
  nothing as OPTIONS,
  nothing as PATCH,
  nothing as POST,
  nothing as PUT,
}
