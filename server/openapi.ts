import { z } from 'zod'
import packageJson from '../package.json' with { type: 'json' }
import { contract, type Endpoint } from '../protocol/contract.ts'
import { ErrorBody, type ErrorCode, statusOfCode } from '../protocol/errors.ts'

type Json = Record<string, unknown>

/** The API as OpenAPI 3.1, made from the contract that parses the requests, so the two cannot disagree. */
export function openApi(publicUrl: string): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const [operationId, endpoint] of Object.entries<Endpoint>(contract)) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation(operationId, endpoint, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bug Ghost',
      version: packageJson.version,
      description: [
        'Run code in a hardened sandbox, watch it, and share what happened as one URL.',
        'Times are in milliseconds or ISO 8601, sizes in bytes. An unknown field is refused, never ignored.',
        'A visitor is known by a cookie; keep it to type into, signal or stop the runs you start.',
        'Live logs are also at `WS /api/runs/ws/{run_id}/logs`, as messages `{"type": "stdout" | "stderr", "data": text}` and at the end ' +
          '`{"type": "complete", "data": {"status", "exit_code", "message"}}`. Close code 4404: there is no such run.',
      ].join('\n\n'),
      license: { name: packageJson.license, identifier: packageJson.license },
    },
    servers: [{ url: publicUrl }],
    paths,
    components: { schemas },
  }
}

function operation(operationId: string, endpoint: Endpoint, schemas: Json): Json {
  const { summary, description, params, query, body } = endpoint
  const parameters = [...parametersIn('path', params, schemas), ...parametersIn('query', query, schemas)]
  return {
    operationId,
    summary,
    ...(description ? { description } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input', schemas) } } } }
      : {}),
    responses: withLimits(endpoint, { ...answersOf(endpoint, schemas), ...refusalsOf(endpoint, schemas) }),
  }
}

const limitHeaders: Json = {
  'RateLimit-Policy': {
    description: 'What is allowed, as a list of policies: `q` at most within `w` seconds, of a visitor or of an address.',
    schema: { type: 'string', examples: ['"visitor";q=60;w=60, "address";q=300;w=60'] },
  },
  RateLimit: {
    description: 'How it stands by each policy: `r` are left, and all are there again after `t` seconds.',
    schema: { type: 'string', examples: ['"visitor";r=59;t=120, "address";r=299;t=120'] },
  },
}

/** What is counted says how much is left, whatever the answer is. A request that is not understood is not counted. */
function withLimits({ counted, answers }: Endpoint, responses: Json): Json {
  if (!counted) return responses
  const told = new Set([...Object.keys(answers), '429', '503'])
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      const { headers, ...rest } = response as { headers?: Json }
      return [status, told.has(status) ? { ...rest, headers: { ...headers, ...limitHeaders } } : response]
    }),
  )
}

function parametersIn(place: 'path' | 'query', object: z.ZodObject | undefined, schemas: Json): Json[] {
  return Object.entries(object?.shape ?? {}).map(([name, schema]) => {
    const required = place === 'path' || !(schema as z.ZodType).safeParse(undefined).success
    return { name, in: place, required, schema: schemaOf(schema as z.ZodType, 'output', schemas) }
  })
}

function answersOf({ answers }: Endpoint, schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, contentType = 'application/json' }]) => [
      status,
      { description, content: { [contentType]: { schema: schemaOf(schema, 'output', schemas) } } },
    ]),
  )
}

/** Several codes may share a status; every endpoint can also fail in ways that are nobody's request's fault. */
function refusalsOf({ refuses, answers }: Endpoint, schemas: Json): Json {
  const codes: ErrorCode[] = [...refuses, 'internal']
  const statuses = [...new Set(codes.map((code) => statusOfCode[code]))].filter((status) => !(status in answers))
  return Object.fromEntries(
    statuses.map((status) => {
      const these = codes.filter((code) => statusOfCode[code] === status).map((code) => `\`${code}\``)
      const retry = status === 429 || status === 503
      return [
        String(status),
        {
          description: `Refused: ${these.join(', ')}.`,
          ...(retry ? { headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } } } : {}),
          content: { 'application/json': { schema: schemaOf(ErrorBody, 'output', schemas) } },
        },
      ]
    }),
  )
}

/** JSON Schema of one zod schema. Those with a name go into `schemas`, once, and are pointed at. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema, $defs, ...own } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as Json & { $defs?: Json }
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] ??= pointingAtComponents(definition)
  return pointingAtComponents(own) as Json
}

function pointingAtComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointingAtComponents)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : pointingAtComponents(inner),
    ]),
  )
}
