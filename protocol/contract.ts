import { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import { RunId } from './ids.ts'
import { Language, LanguageId } from './language.ts'
import { requestLimits } from './limits.ts'
import { Run, RunEvent, RunRequest, RunSummary, Status } from './run.ts'

/** One HTTP endpoint as data: what the route parses with, what the client is typed by, what OpenAPI is made from. */
export type Endpoint = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** In OpenAPI's form: /api/runs/{run_id} */
  path: string
  summary: string
  description?: string
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** By status. `null` is a body that is no JSON. */
  answers: Record<number, { description: string; schema: z.ZodType; contentType?: string }>
  refuses: ErrorCode[]
  /** Counted, by visitor and by address; answers say in their headers how much is left. */
  counted?: true
}
const endpoint = <const E extends Endpoint>(e: E): E => e

const params = z.strictObject({ run_id: RunId })

export const StdinRequest = z
  .strictObject({
    data: z.string().max(requestLimits.stdinMessageBytes).optional(),
    end: z.boolean().optional(),
  })
  .refine((body) => body.data !== undefined || body.end, 'Give `data`, `end`, or both.')
  .meta({ id: 'StdinRequest' })

/** What its owner may change of a run: what happened stays as it happened. */
export const UpdateRun = z
  .strictObject({
    name: z.string().trim().min(1).max(120).nullable().optional(),
    pinned: z.boolean().optional(),
    /** Its address was given away, so a server that removes old runs keeps it. There is no way back. */
    shared: z.literal(true).optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'Give `name`, `pinned`, `shared`, or several.')
  .meta({ id: 'UpdateRun' })
export type UpdateRun = z.infer<typeof UpdateRun>

export const RunList = z.strictObject({ runs: z.array(RunSummary), next_cursor: z.string().nullable() }).meta({ id: 'RunList' })
export type RunList = z.infer<typeof RunList>

export const LanguageList = z.strictObject({ languages: z.array(Language) }).meta({ id: 'LanguageList' })

/** One file, as an editor has it. */
export const FormatRequest = z
  .strictObject({
    language: LanguageId,
    version: RunRequest.shape.version,
    /** Its name tells the formatter what it is, and stands in front of what is wrong with it. */
    path: z.string().min(1).max(requestLimits.pathChars).meta({ example: 'main.py' }),
    content: z.string(),
  })
  .meta({ id: 'FormatRequest' })
export type FormatRequest = z.infer<typeof FormatRequest>

export const FormattedFile = z
  .strictObject({
    content: z.string(),
    /** What formatted it: "Black". */
    formatter: z.string(),
  })
  .meta({ id: 'FormattedFile' })
export type FormattedFile = z.infer<typeof FormattedFile>

export const OEmbed = z
  .strictObject({
    version: z.literal('1.0'),
    type: z.literal('rich'),
    provider_name: z.string(),
    provider_url: z.string(),
    title: z.string(),
    html: z.string(),
    width: z.number().int(),
    height: z.number().int(),
  })
  .meta({ id: 'OEmbed' })

export const Health = z
  .strictObject({
    /** `stopping`: it takes no more runs and is about to end; send people to another server. */
    status: z.enum(['ok', 'degraded', 'stopping']),
    version: z.string(),
    database: z.strictObject({ ok: z.boolean(), message: z.string() }),
    /** `message` says what is wrong and what to do. */
    engine: z.strictObject({ ok: z.boolean(), message: z.string() }),
    /** `message` of one that is not ready says how far its image is, or what to do. */
    languages: z.array(z.strictObject({ id: z.string(), version: z.string(), ready: z.boolean(), message: z.string() })),
    sandboxes: z.strictObject({ waiting: z.number().int(), running: z.number().int(), queued: z.number().int() }),
  })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof Health>

export const contract = {
  createRun: endpoint({
    method: 'POST',
    path: '/api/runs',
    summary: 'Run a program',
    description:
      'Answers 201 with the finished run, or with `"wait": false` 202 at once. `stdin` is all the input there is; without it a run that is not waited for keeps its input open for POST /api/runs/{run_id}/stdin.',
    body: RunRequest,
    counted: true,
    answers: {
      201: { description: 'The finished run.', schema: Run },
      202: { description: 'The run, queued or running.', schema: Run },
    },
    refuses: ['bad-request', 'too-large', 'unsupported-media-type', 'invalid', 'too-many-requests', 'unavailable'],
  }),
  listRuns: endpoint({
    method: 'GET',
    path: '/api/runs',
    summary: 'Your runs, newest first',
    query: z.strictObject({
      cursor: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      /** Text in the code, in the names of files, or in the name of the run, in small or large letters. */
      q: z.string().max(200).optional(),
      language: LanguageId.optional(),
      status: Status.exclude(['queued', 'running']).optional(),
      /** Only those that are pinned. */
      pinned: z.literal('true').optional(),
    }),
    answers: { 200: { description: 'A page of runs.', schema: RunList } },
    refuses: ['invalid'],
  }),
  getRun: endpoint({
    method: 'GET',
    path: '/api/runs/{run_id}',
    summary: 'A run, live or finished',
    params,
    answers: { 200: { description: 'The run as it stands.', schema: Run } },
    refuses: ['not-found', 'gone'],
  }),
  updateRun: endpoint({
    method: 'PATCH',
    path: '/api/runs/{run_id}',
    summary: 'Name, pin or share a run of yours',
    params,
    body: UpdateRun,
    answers: { 200: { description: 'Done.', schema: z.strictObject({ run_id: RunId }) } },
    refuses: ['bad-request', 'forbidden', 'not-found', 'gone', 'invalid', 'unsupported-media-type'],
  }),
  deleteRun: endpoint({
    method: 'DELETE',
    path: '/api/runs/{run_id}',
    summary: 'Delete a run of yours',
    description: 'Its code, its input and everything it wrote are gone for good; its address says that it was deleted.',
    params,
    answers: { 200: { description: 'It is gone.', schema: z.strictObject({ run_id: RunId }) } },
    refuses: ['forbidden', 'not-found', 'gone'],
  }),
  cancelRun: endpoint({
    method: 'POST',
    path: '/api/runs/{run_id}/cancel',
    summary: 'Stop a run',
    params,
    answers: { 200: { description: 'The run, ended. Its output up to then is kept.', schema: Run } },
    refuses: ['forbidden', 'not-found', 'conflict'],
  }),
  writeStdin: endpoint({
    method: 'POST',
    path: '/api/runs/{run_id}/stdin',
    summary: 'Type into a running program',
    params,
    body: StdinRequest,
    answers: { 200: { description: 'Taken.', schema: z.strictObject({ run_id: RunId }) } },
    refuses: ['bad-request', 'forbidden', 'not-found', 'conflict', 'invalid', 'unsupported-media-type', 'too-large'],
  }),
  readArtifact: endpoint({
    method: 'GET',
    path: '/api/runs/{run_id}/artifacts/{path}',
    summary: 'A file the program left',
    description: 'The bytes as they were; `path` as the run lists it. Served so that a browser shows pictures and runs nothing.',
    params: z.strictObject({ run_id: RunId, path: z.union([z.string(), z.array(z.string())]) }),
    answers: { 200: { description: 'The file.', schema: z.string(), contentType: 'application/octet-stream' } },
    refuses: ['not-found'],
  }),
  readExport: endpoint({
    method: 'GET',
    path: '/api/runs/{run_id}/exports/{form}',
    summary: 'A run to take away; also at /r/{run_id}.{form}',
    description:
      '`txt` is what it wrote, `json` the run, `md` a text for an issue, `cast` a recording for terminal players (asciicast v3), `zip` all of it.',
    params: z.strictObject({ run_id: RunId, form: z.enum(['txt', 'json', 'md', 'cast', 'zip']) }),
    answers: {
      200: { description: 'The run in that form, as it stands.', schema: z.string(), contentType: 'application/octet-stream' },
    },
    refuses: ['not-found', 'gone'],
  }),
  oembed: endpoint({
    method: 'GET',
    path: '/api/oembed',
    summary: 'How to show a run in another page (oEmbed 1.0)',
    description: 'For consumers that were given the address of a run: https://oembed.com. Only JSON is offered.',
    query: z.strictObject({
      url: z.string().max(2000),
      format: z.literal('json').optional(),
      maxwidth: z.coerce.number().int().min(1).max(10_000).optional(),
      maxheight: z.coerce.number().int().min(1).max(10_000).optional(),
    }),
    answers: { 200: { description: 'A frame to be put into the page.', schema: OEmbed } },
    refuses: ['invalid', 'not-found', 'gone'],
  }),
  readEvents: endpoint({
    method: 'GET',
    path: '/api/runs/{run_id}/events',
    summary: 'Everything that happens in a run, as server-sent events',
    description:
      'Each event carries its number as `id`; a reader that reconnects with Last-Event-ID (or `?after=`) goes on after it. The stream ends after `finished`.',
    params,
    query: z.strictObject({ after: z.coerce.number().int().min(-1).optional() }),
    answers: { 200: { description: 'A stream of run events.', schema: RunEvent, contentType: 'text/event-stream' } },
    refuses: ['not-found', 'invalid'],
  }),
  formatFile: endpoint({
    method: 'POST',
    path: '/api/format',
    summary: 'Format a file with the formatter of its language',
    description:
      'Not a run: nothing of it is kept. The languages that have a formatter, and which files it reads, are in GET /api/languages. A file that cannot be read is `invalid`, and `message` says where: "main.py:3:5: …".',
    body: FormatRequest,
    counted: true,
    answers: { 200: { description: 'The file, formatted.', schema: FormattedFile } },
    refuses: ['bad-request', 'too-large', 'unsupported-media-type', 'invalid', 'too-many-requests', 'unavailable'],
  }),
  listLanguages: endpoint({
    method: 'GET',
    path: '/api/languages',
    summary: 'What can be run',
    answers: { 200: { description: 'The languages.', schema: LanguageList } },
    refuses: [],
  }),
  health: endpoint({
    method: 'GET',
    path: '/api/health',
    summary: 'Whether runs are possible, and if not, why',
    answers: {
      200: { description: 'All is well.', schema: Health },
      503: { description: 'Something is wrong; pages and shared runs may still work.', schema: Health },
    },
    refuses: [],
  }),
  openapi: endpoint({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This description',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
    refuses: [],
  }),
} as const satisfies Record<string, Endpoint>
export type Contract = typeof contract
