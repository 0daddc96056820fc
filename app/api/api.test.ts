import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contract } from '../../protocol/contract.ts'
import { AppError, ErrorBody } from '../../protocol/errors.ts'
import { MiB, requestLimits } from '../../protocol/limits.ts'
import { Run } from '../../protocol/run.ts'
import { newRunId } from '../../server/run-id.ts'
import { helloScript } from '../../server/sample-services.ts'
import { openSampleServer, unroutedPaths } from './sample-server.ts'

type Server = Awaited<ReturnType<typeof openSampleServer>>
let server: Server
beforeAll(async () => {
  server = await openSampleServer({ script: helloScript })
})
afterAll(() => server[Symbol.asyncDispose]())

const call = (path: string, init: RequestInit = {}) => fetch(server.url + path, init)
const post = (body: unknown, headers: Record<string, string> = {}, path = '/api/runs') =>
  call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const hello = { language: 'script', code: 'print' }
async function errorOf(response: Response) {
  return ErrorBody.parse(await response.json()).error
}

test('every path of the contract has a route', () => expect(unroutedPaths).toEqual([]))

describe('POST /api/runs', () => {
  test('answers 201 with the finished run', async () => {
    const response = await post(hello)
    expect(response.status).toBe(201)
    expect(Run.parse(await response.json())).toMatchObject({ status: 'completed', stdout: 'hello\n', exit_code: 0 })
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('answers 202 at once to who does not wait', async () => {
    const response = await post({ ...hello, wait: false })
    expect(response.status).toBe(202)
    expect(contract.createRun.answers[202].schema.safeParse(await response.json()).success).toBe(true)
  })

  test('says when to come again when no sandbox can be had', async () => {
    server.executor.refuse(new AppError('unavailable', 'The queue is full.', { retryAfterSec: 7 }))
    const response = await post(hello)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(await errorOf(response)).toEqual({ code: 'unavailable', message: 'The queue is full.' })
  })

  test('tells of our own mistakes a number and nothing else', async () => {
    server.executor.refuse(new Error('secret at /home/x/y.ts:3'))
    const response = await post(hello)
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).toMatch(/incident [0-9a-f]{10}/)
    expect(text).not.toMatch(/secret|\.ts|at /)
  })
})

describe('bad input', () => {
  const thousand = Array.from({ length: 1000 }, (_, n) => ({ path: `f${n}`, content: '1' }))
  const file = (path: string) => ({ language: 'script', files: [{ path, content: '1' }] })
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  test.each<[string, unknown, number, string, string[]?]>([
    ['malformed JSON', '[', 400, 'bad-request'],
    ['no JSON at all', '', 400, 'bad-request'],
    ['a JSON value that is no object', '7', 422, 'invalid', ['']],
    ['a hundred thousand brackets', nested(100_000), 422, 'invalid', ['']],
    ['a hundred thousand brackets in a field', `{"language":"script","code":${nested(100_000)}}`, 422, 'invalid', ['code']],
    ['nothing in it', {}, 422, 'invalid', ['language']],
    ['an unknown language', { ...hello, language: 'cobol' }, 422, 'invalid', ['language']],
    ['a language in capitals', { ...hello, language: 'Script' }, 422, 'invalid', ['language']],
    ['a language that is a number', { ...hello, language: 7 }, 422, 'invalid', ['language']],
    ['a language of Object’s', { ...hello, language: '__proto__' }, 422, 'invalid', ['language']],
    ['empty code', { ...hello, code: '' }, 422, 'invalid', ['code']],
    ['blank code', { ...hello, code: '   \n' }, 422, 'invalid', ['code']],
    ['too large code', { ...hello, code: 'x'.repeat(MiB + 1) }, 413, 'too-large'],
    ['too large input', { ...hello, stdin: 'x'.repeat(MiB + 1) }, 413, 'too-large'],
    ['a body beyond all bounds', `"${'x'.repeat(requestLimits.bodyBytes)}"`, 413, 'too-large'],
    ...['10', 10.5, -1, 0, 61, null, [10], true].map((timeout_sec): [string, unknown, number, string, string[]] => [
      `a timeout of ${JSON.stringify(timeout_sec)}`,
      { ...hello, timeout_sec },
      422,
      'invalid',
      ['timeout_sec'],
    ]),
    ['a timeout of 1e309', '{"language":"script","code":"1","timeout_sec":1e309}', 422, 'invalid', ['timeout_sec']],
    ['a thousand files', { language: 'script', files: thousand }, 422, 'invalid', ['files']],
    ...['../x', '/etc/x', 'a/../../x', 'a\0b', 'C:\\x', '-rf', '.', 'x'.repeat(256)].map(
      (path): [string, unknown, number, string, string[]] => [
        `a file called ${JSON.stringify(path)}`,
        file(path),
        422,
        'invalid',
        ['files.0.path'],
      ],
    ),
    ['an unknown field', { ...hello, image: 'x', user: '0' }, 422, 'invalid', ['image', 'user']],
    ['a prototype for a field', `{"language":"script","code":"1","__proto__":{"wait":false}}`, 422, 'invalid', ['__proto__']],
    ['a limit beyond the allowed', { ...hello, limits: { memory_bytes: 1e12 } }, 422, 'invalid', ['limits.memory_bytes']],
    ['a bad variable name', { ...hello, env: { '1X': 'a' } }, 422, 'invalid', ['env.1X']],
  ])('with %s is refused', async (_, body, status, code, paths) => {
    const started = server.executor.executions.length
    const response = await post(body)
    expect(response.status).toBe(status)
    const error = await errorOf(response)
    expect(error.code).toBe(code)
    if (paths) expect(error.issues?.map((issue) => issue.path)).toEqual(paths)
    expect(server.executor.executions).toHaveLength(started)
  })

  test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', ''])(
    'that calls itself %j is refused before it is read',
    async (type) => {
      const response = await post('lolhello', { 'content-type': type })
      expect([response.status, (await errorOf(response)).code]).toEqual([415, 'unsupported-media-type'])
    },
  )

  test('that is no UTF-8 is refused', async () => {
    const body = Buffer.concat([Buffer.from('{"language":"script","code":"'), Buffer.from([0xff]), Buffer.from('"}')])
    expect((await call('/api/runs', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(400)
  })

  test('with many mistakes is answered with the first of them', async () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`field${n}`, n]))
    const { issues } = await errorOf(await post({ ...hello, ...many }))
    expect(issues).toHaveLength(20)
  })

  test('without a length is cut off when it grows too large', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent > 4 * requestLimits.bodyBytes) return controller.close()
        sent += MiB
        controller.enqueue(new Uint8Array(MiB).fill(32))
      },
    })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' } as RequestInit
    // The server hangs up on the rest; whether the client still gets to read why is up to its timing.
    const status = await call('/api/runs', init).then(
      (response) => response.status,
      () => 413,
    )
    expect(status).toBe(413)
    expect(sent).toBeLessThan(3 * requestLimits.bodyBytes)
  })
})

describe('an address', () => {
  test.each([
    ['/api/nothing', 404],
    ['/api', 404],
    [`/api/runs/${newRunId()}`, 404],
    ['/api/runs/short', 404],
    ['/api/runs/__proto__', 404],
    ['/api/runs/..%2f..', 404],
    [`/api/runs/${newRunId()}/events`, 404],
    ['/api/%ff', 400],
    ['/api/runs?limit=0', 422],
    ['/api/runs?limit=1000', 422],
    ['/api/runs?cursor=%27%20OR%201=1%20--', 422],
    ['/api/runs?__proto__[x]=1', 422],
    ['/api/runs?sort=id;drop', 422],
    [`/api/runs/ws/${newRunId()}/logs`, 400],
  ])('%s answers %i in JSON', async (path, status) => {
    const response = await call(path)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    await errorOf(response)
  })

  test.each([
    ['/api/runs', 'DELETE', 'GET, POST, HEAD, OPTIONS'],
    ['/api/health', 'POST', 'GET, HEAD, OPTIONS'],
    [`/api/runs/${newRunId()}/cancel`, 'GET', 'POST, OPTIONS'],
    [`/api/runs/${newRunId()}/cancel`, 'HEAD', 'POST, OPTIONS'],
  ])('%s refuses %s and says what it takes', async (path, method, allow) => {
    const response = await call(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
  })

  test('answers HEAD like GET without a body, and OPTIONS without leave for other sites', async () => {
    const head = await call('/api/health', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const options = await call('/api/runs', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } })
    expect(options.status).toBe(204)
    expect([...options.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('a visitor', () => {
  const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? ''

  test('is made known by the first answer, and then has a history of their own', async () => {
    const first = await post(hello)
    const cookie = cookieOf(first)
    const { run_id } = Run.parse(await first.json())
    const mine = await call('/api/runs', { headers: { cookie } })
    expect(await mine.json()).toMatchObject({ runs: [{ run_id, status: 'completed', excerpt: 'print' }], next_cursor: null })
    expect(mine.headers.get('set-cookie')).toBeNull()
    expect(await (await call('/api/runs')).json()).toEqual({ runs: [], next_cursor: null })
  })

  test('is not made known by what anyone may read', async () => {
    expect((await call('/api/health')).headers.get('set-cookie')).toBeNull()
  })

  test('cannot stop or type into the run of somebody else', async () => {
    const { run_id } = Run.parse(await (await post(hello)).json())
    expect((await post('', {}, `/api/runs/${run_id}/cancel`)).status).toBe(403)
    expect((await post({ data: 'x' }, {}, `/api/runs/${run_id}/stdin`)).status).toBe(403)
  })

  test('hears 409 when the run has already ended', async () => {
    const first = await post(hello)
    const { run_id } = Run.parse(await first.json())
    const cookie = cookieOf(first)
    expect((await post('', { cookie }, `/api/runs/${run_id}/cancel`)).status).toBe(409)
    expect((await post({ data: 'x' }, { cookie }, `/api/runs/${run_id}/stdin`)).status).toBe(409)
  })
})

describe('a page of another site', () => {
  test.each([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of a name that begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['without an origin of its own', { origin: 'null' }],
  ])('%s cannot run anything in a visitor’s name', async (_, headers) => {
    const started = server.executor.executions.length
    expect((await post(hello, headers)).status).toBe(403)
    expect(server.executor.executions).toHaveLength(started)
  })

  test('our own can', async () => expect((await post(hello, { origin: server.url })).status).toBe(201))
})

test.each([
  ['txt', 'text/plain; charset=utf-8', 'hello\n# Finished'],
  ['md', 'text/plain; charset=utf-8', '**Finished** in script'],
  ['json', 'application/json', '"stdout": "hello\\n"'],
  ['cast', 'application/x-asciicast', '"version":3'],
  ['zip', 'application/zip', 'PK'],
])('a run can be taken away as %s', async (form, type, beginning) => {
  const { run_id } = Run.parse(await (await post(hello)).json())
  const response = await call(`/api/runs/${run_id}/exports/${form}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe(type)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await response.text()).toContain(beginning)
})

describe('a run’s owner', () => {
  const change = (runId: string, body: unknown, headers: Record<string, string> = {}) =>
    call(`/api/runs/${runId}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  async function own() {
    const response = await post(hello)
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    return { run: Run.parse(await response.json()), cookie }
  }

  test('names and pins it, and finds it by that', async () => {
    const { run, cookie } = await own()
    expect((await change(run.run_id, { name: '  the one that hangs ', pinned: true }, { cookie })).status).toBe(200)
    const find = async (query: string) => {
      const list = await (await call(`/api/runs?${query}`, { headers: { cookie } })).json()
      return contract.listRuns.answers[200].schema.parse(list).runs.map(({ name, pinned }) => [name, pinned])
    }
    expect(await find('q=HANGS&pinned=true&status=completed&language=script')).toEqual([['the one that hangs', true]])
    expect(await find('q=nothing+like+it')).toEqual([])
    expect(await (await call(`/api/runs/${run.run_id}`)).json()).toMatchObject({ name: 'the one that hangs' })
  })

  test.each([{}, { name: '' }, { name: 'x'.repeat(121) }, { pinned: 'yes' }, { stdin: 'x' }])(
    'cannot make it %j',
    async (body) => {
      const { run, cookie } = await own()
      expect((await change(run.run_id, body, { cookie })).status).toBe(422)
    },
  )

  test('deletes it: everything that asks for it is told so', async () => {
    const { run, cookie } = await own()
    const remove = (headers: Record<string, string>) => call(`/api/runs/${run.run_id}`, { method: 'DELETE', headers })
    expect((await remove({ cookie })).status).toBe(200)
    for (const path of ['', '/events']) {
      const response = await call(`/api/runs/${run.run_id}${path}`)
      expect(response.status).toBe(410)
      expect(await errorOf(response)).toEqual({ code: 'gone', message: 'This run was deleted by whoever made it.' })
    }
    expect((await remove({ cookie })).status).toBe(410)
    expect((await change(run.run_id, { pinned: true }, { cookie })).status).toBe(410)
  })

  test('is the only one who may', async () => {
    const { run } = await own()
    expect((await change(run.run_id, { pinned: true })).status).toBe(403)
    const response = await call(`/api/runs/${run.run_id}`, { method: 'DELETE' })
    expect(response.status).toBe(403)
    expect((await errorOf(response)).message).toContain('only who started it can delete it')
  })
})

test('the languages are listed in their order, ready or not', async () => {
  const { languages } = contract.listLanguages.answers[200].schema.parse(await (await call('/api/languages')).json())
  expect(languages.map(({ id, ready }) => ({ id, ready }))).toEqual([
    { id: 'script', ready: false },
    { id: 'compiled', ready: false },
  ])
})

test('health answers 503 while something is wrong', async () => {
  expect((await call('/api/health')).status).toBe(200)
  server.executor.setState({ engine: { ok: false, message: 'Start Docker.' } })
  const response = await call('/api/health')
  expect([response.status, (await response.json()).engine.message]).toEqual([503, 'Start Docker.'])
  server.executor.setState({ engine: { ok: true, message: '' } })
})

describe('GET /api/oembed', () => {
  const oembed = (url: string, more = '') => call(`/api/oembed?url=${encodeURIComponent(url)}${more}`)

  test('answers with a frame of the run, no larger than was asked for', async () => {
    const { run_id, url } = Run.parse(await (await post(hello)).json())
    const response = await oembed(url, '&format=json&maxwidth=300')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      version: '1.0',
      type: 'rich',
      width: 300,
      html: expect.stringMatching(new RegExp(`^<iframe src="[^"]+/embed/${run_id}" .* width="300"`)),
    })
  })

  test('knows only runs of this server, and only JSON', async () => {
    const { run_id, url } = Run.parse(await (await post(hello)).json())
    expect((await oembed(`https://elsewhere.example.org/r/${run_id}`)).status).toBe(404)
    expect((await oembed(new URL(`/r/${newRunId()}`, url).href)).status).toBe(404)
    expect((await oembed(url, '&format=xml')).status).toBe(422)
  })
})
