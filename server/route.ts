import type { z } from 'zod'
import type { Endpoint } from '../protocol/contract.ts'
import { AppError, type ErrorBody, statusOfCode } from '../protocol/errors.ts'
import type { ActorId } from '../protocol/ids.ts'
import { requestLimits } from '../protocol/limits.ts'
import { clientHeader } from './client-address.ts'
import { isForeign } from './origin.ts'
import { issuesOf, readJson } from './read-body.ts'
import { refusalFor } from './refusal.ts'
import { type Services, services } from './services.ts'
import { unknownRun } from './unknown-run.ts'

/** A request that has been read: everything in it has the shape the contract says. */
export type Call<E extends Endpoint> = {
  params: E extends { params: infer S extends z.ZodType } ? z.output<S> : undefined
  query: E extends { query: infer S extends z.ZodType } ? z.output<S> : undefined
  body: E extends { body: infer S extends z.ZodType } ? z.output<S> : undefined
  /** Who asks. Asking for it makes a new visitor known: the answer then carries their cookie. */
  readonly actor: ActorId
  /** Who reads. Whoever only reads stays unknown: no cookie is set, and without one they are someone new each time. */
  readonly reader: ActorId
  /** Where the request comes from, as it is counted. */
  address: string
  request: Request
  /** Milliseconds since 1970, before its body was read. */
  receivedAt: number
  services: Services
}
type Answer<E extends Endpoint> = {
  [S in keyof E['answers']]: E['answers'][S] extends { schema: infer T extends z.ZodType }
    ? { status: S; body: z.input<T> }
    : never
}[keyof E['answers']]

/** The body of an answer with its status; the compiler holds both against the contract. */
export const answer = <const S extends number, B>(status: S, body: B): { status: S; body: B } => ({ status, body })

/** What Next calls for one method of one path. */
export type RouteHandler = (
  request: Request,
  context: { params: Promise<Record<string, string | string[] | undefined>> },
) => Promise<Response>

/**
 * An endpoint of the contract as a route handler: reads the request, makes one call, and is the one place where an error
 * becomes an answer. `perform` returns a body with its status, or a Response where the body is no JSON.
 */
export function route<E extends Endpoint>(endpoint: E, perform: (call: Call<E>) => Promise<Answer<E> | Response>): RouteHandler {
  return async (request, context) => {
    const { log, actors, publicUrl } = services()
    const receivedAt = Date.now()
    let visitor: ReturnType<typeof actors.identify> | undefined
    let limits: Record<string, string> = {}
    let response: Response
    let about: string | undefined
    try {
      refuseForeign(request, publicUrl)
      const call = {
        params: endpoint.params && pathParams(endpoint.params, await context.params),
        query: endpoint.query && shaped(endpoint.query, queryOf(request), 'The query is not right.'),
        body:
          endpoint.body && shaped(endpoint.body, await readJson(request, requestLimits.bodyBytes), 'The request is not right.'),
        get actor() {
          visitor ??= actors.identify(request.headers.get('cookie'))
          return visitor.actorId
        },
        get reader() {
          return actors.identify(request.headers.get('cookie')).actorId
        },
        address: request.headers.get(clientHeader) ?? '',
        request,
        receivedAt,
        services: services(),
      } as Call<E>
      about = (call.params as { run_id?: string } | undefined)?.run_id
      if (endpoint.counted) {
        const { headers, refusal } = await services().quota({ visitor: call.actor, address: call.address })
        limits = headers
        if (refusal) throw refusal
      }
      const answered = await perform(call)
      response = answered instanceof Response ? answered : Response.json(answered.body, { status: Number(answered.status) })
    } catch (error) {
      response = refuse(error, log, { method: endpoint.method, path: endpoint.path, run_id: about })
    }
    for (const [name, value] of Object.entries(limits)) response.headers.set(name, value)
    if (visitor?.setCookie) response.headers.append('set-cookie', visitor.setCookie)
    return finished(response)
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
type Method = (typeof methods)[number]

/** All exports of a route file: the given methods, HEAD and OPTIONS as they follow from them, and 405 for the rest. */
export function methodsOf(handlers: { [M in Method]?: RouteHandler }): Record<Method | 'HEAD' | 'OPTIONS', RouteHandler> {
  const { GET } = handlers
  const known = methods.filter((method) => handlers[method])
  const allow = [...known, ...(GET ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  const wrongMethod: RouteHandler = async (request) => {
    const error = new AppError('method-not-allowed', `${request.method} does nothing here. Allowed: ${allow}.`)
    const response = finished(refuse(error, services().log, {}))
    response.headers.set('allow', allow)
    return response
  }
  return {
    ...(Object.fromEntries(methods.map((method) => [method, handlers[method] ?? wrongMethod])) as Record<Method, RouteHandler>),
    HEAD: GET ? async (request, context) => withoutBody(await GET(request, context)) : wrongMethod,
    // No Access-Control headers: pages of other origins have no business here.
    OPTIONS: async () => finished(new Response(null, { status: 204, headers: { allow } })),
  }
}

/** A refusal as an answer. Its body never holds more than a code, our words, and the names of fields. */
export function refuse(error: unknown, log: Services['log'], context: object): Response {
  const { code, message, issues, retryAfterSec } = refusalFor(error, log, context)
  services().telemetry.metrics.refused('http', code)
  const body: ErrorBody = { error: { code, message, ...(issues ? { issues } : {}) } }
  const headers: Record<string, string> = retryAfterSec === undefined ? {} : { 'retry-after': String(retryAfterSec) }
  // The rest of a body that is refused for its size is not worth receiving.
  if (code === 'too-large') headers.connection = 'close'
  return Response.json(body, { status: statusOfCode[code], headers })
}

/** Answers belong to one person and one moment. The headers that every answer has are set in http-server.ts. */
function finished(response: Response): Response {
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'private, no-store')
  return response
}

async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel()
  return new Response(null, { status: response.status, headers: response.headers })
}

function refuseForeign(request: Request, publicUrl: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { headers } = request
  const from = { origin: headers.get('origin'), host: headers.get('host'), secFetchSite: headers.get('sec-fetch-site') }
  if (isForeign(from, publicUrl)) {
    throw new AppError('forbidden', 'A page of another site may not do this in your name. Open Bug Ghost itself.')
  }
}

function pathParams(schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params)
  // An address of the wrong form is an address of nothing.
  if (!parsed.success) throw unknownRun()
  return parsed.data
}

function shaped(schema: z.ZodType, value: unknown, message: string): unknown {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new AppError('invalid', message, { issues: issuesOf(parsed.error) })
  return parsed.data
}

const queryOf = (request: Request): Record<string, string> => Object.fromEntries(new URL(request.url).searchParams)
