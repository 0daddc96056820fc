import type { z } from 'zod'
import { type Contract, contract, type Endpoint } from './contract.ts'
import { AppError, ErrorBody } from './errors.ts'

type Input<E extends Endpoint> = (E extends { params: infer P extends z.ZodType }
  ? { params: z.input<P> }
  : { params?: undefined }) &
  (E extends { query: infer Q extends z.ZodType } ? { query?: z.input<Q> } : { query?: undefined }) &
  (E extends { body: infer B extends z.ZodType } ? { body: z.input<B> } : { body?: undefined }) & { signal?: AbortSignal }
type Schemas<A> = A extends { schema: infer S extends z.ZodType } ? z.output<S> : never
type Answer<E extends Endpoint> = Schemas<E['answers'][keyof E['answers']]>

/**
 * Typed calls to a Bug Ghost server: `const api = createApiClient('http://localhost:3000'); await api('createRun', { body })`.
 * A refusal is thrown as AppError with the server's code and words; a server that cannot be reached as AppError `unavailable`.
 */
export function createApiClient(baseUrl = '', fetcher: typeof fetch = (...args) => fetch(...args)) {
  return async function call<N extends keyof Contract>(name: N, input: Input<Contract[N]>): Promise<Answer<Contract[N]>> {
    const endpoint: Endpoint = contract[name]
    const { params, query, body, signal } = input as {
      params?: Record<string, string>
      query?: Record<string, unknown>
      body?: unknown
      signal?: AbortSignal
    }
    const path = endpoint.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params?.[key] ?? ''))
    const search = new URLSearchParams(
      Object.entries(query ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
    )
    let response: Response
    try {
      response = await fetcher(`${baseUrl}${path}${search.size ? `?${search}` : ''}`, {
        method: endpoint.method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        ...(signal ? { signal } : {}),
      })
    } catch (cause) {
      if (signal?.aborted) throw cause
      throw new AppError('unavailable', 'The server cannot be reached. Check your connection and try again.', { cause })
    }
    const answered: unknown = await response.json().catch(() => undefined)
    const expected = endpoint.answers[response.status]
    if (expected) return expected.schema.parse(answered) as Answer<Contract[N]>
    const refused = ErrorBody.safeParse(answered)
    if (!refused.success) throw new AppError('internal', `The server answered ${response.status} with something unexpected.`)
    const { code, message, issues } = refused.data.error
    const retryAfterSec = Number(response.headers.get('retry-after')) || undefined
    throw new AppError(code, message, { ...(issues ? { issues } : {}), ...(retryAfterSec ? { retryAfterSec } : {}) })
  }
}
export type ApiClient = ReturnType<typeof createApiClient>
