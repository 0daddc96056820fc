import { afterEach, describe, expect, test } from 'vitest'
import { ErrorBody } from '../../protocol/errors.ts'
import { rangeOf } from '../../server/client-address.ts'
import { helloScript } from '../../server/sample-services.ts'
import { openSampleServer } from './sample-server.ts'

type Server = Awaited<ReturnType<typeof openSampleServer>>
const closing: Server[] = []
afterEach(async () => {
  for (const server of closing.splice(0)) await server[Symbol.asyncDispose]()
})
async function open(options: Parameters<typeof openSampleServer>[0] = {}): Promise<Server> {
  const server = await openSampleServer({ script: helloScript, ...options })
  closing.push(server)
  return server
}

const post = (server: Server, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const run = (server: Server, headers?: Record<string, string>, more: object = {}) =>
  post(server, '/api/runs', { language: 'script', code: 'x', ...more }, headers)
const format = (server: Server, headers?: Record<string, string>) =>
  post(server, '/api/format', { language: 'script', path: 'main.script', content: 'x' }, headers)
const statuses = async (answers: Promise<Response>[]) => (await Promise.all(answers)).map(({ status }) => status).toSorted()
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? ''
const oneHop = { kind: 'count', hops: 1 } as const

describe('an answer says what is left', () => {
  test('of a run, of a file that is formatted, and in a refusal, with when to come again', async () => {
    const server = await open({ rates: { perMinuteOfVisitor: 2, perMinuteOfAddress: 50, perDayOfAddress: 90 } })
    const first = await run(server)
    expect(first.headers.get('ratelimit-policy')).toBe('"visitor";q=2;w=60, "address";q=50;w=60, "address-day";q=90;w=86400')
    expect(first.headers.get('ratelimit')).toMatch(/^"visitor";r=1;t=\d+, "address";r=49;t=\d+, "address-day";r=89;t=\d+$/)
    const cookie = cookieOf(first)
    expect((await format(server, { cookie })).headers.get('ratelimit')).toMatch(/^"visitor";r=0;/)
    const refused = await run(server, { cookie })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('ratelimit')).toMatch(/^"visitor";r=0;/)
    const { error } = ErrorBody.parse(await refused.json())
    expect(error).toMatchObject({ code: 'too-many-requests', message: expect.stringMatching(/Try again in \d+ seconds\.$/) })
    expect((await format(server, { cookie })).status).toBe(429)
  })

  test('and a request that is not understood is not counted', async () => {
    const server = await open({ rates: { perMinuteOfAddress: 1 } })
    for (let n = 0; n < 3; n++) expect((await post(server, '/api/runs', { language: 7 })).status).toBe(422)
    expect((await run(server)).status).toBe(201)
    expect((await run(server)).status).toBe(429)
  })
})

describe('the address that counts is', () => {
  const rates = { perMinuteOfAddress: 1 }

  test.each([
    ['X-Forwarded-For', { 'x-forwarded-for': '198.51.100.1' }],
    ['Forwarded', { forwarded: 'for=198.51.100.1' }],
    ['the header that tells our own routes', { 'x-bugghost-client': '198.51.100.1' }],
  ])('not changed by %s from somebody we know nothing of', async (_, headers) => {
    const server = await open({ rates })
    expect((await run(server)).status).toBe(201)
    expect((await run(server, headers as Record<string, string>)).status).toBe(429)
  })

  test('what a proxy of ours says, and not what was claimed to it', async () => {
    const server = await open({ rates, trustProxy: oneHop })
    const behind = (text: string) => run(server, { 'x-forwarded-for': text })
    expect((await behind('198.51.100.1')).status).toBe(201)
    expect((await behind('198.51.100.2')).status).toBe(201)
    expect((await behind('198.51.100.3, 198.51.100.1')).status).toBe(429)
    expect((await run(server, { 'x-forwarded-for': '198.51.100.2', 'x-bugghost-client': '198.51.100.9' })).status).toBe(429)
  })

  test('what a proxy of ours says, when this connection comes from one', async () => {
    const range = (text: string) =>
      ({ kind: 'addresses', ranges: [rangeOf(text) as NonNullable<ReturnType<typeof rangeOf>>] }) as const
    const ours = await open({ rates, trustProxy: range('127.0.0.0/8') })
    expect(await statuses([1, 2].map((n) => run(ours, { 'x-forwarded-for': `198.51.100.${n}` })))).toEqual([201, 201])
    const others = await open({ rates, trustProxy: range('10.0.0.0/8') })
    expect(await statuses([1, 2].map((n) => run(others, { 'x-forwarded-for': `198.51.100.${n}` })))).toEqual([201, 429])
  })

  test('the whole of a /64', async () => {
    const server = await open({ rates, trustProxy: oneHop })
    expect((await run(server, { 'x-forwarded-for': '2001:db8:0:1::1' })).status).toBe(201)
    expect((await run(server, { 'x-forwarded-for': '2001:db8:0:1:ffff::2' })).status).toBe(429)
    expect((await run(server, { 'x-forwarded-for': '2001:db8:0:2::1' })).status).toBe(201)
  })
})

describe('of runs waiting or under way there are at most so many', () => {
  const live = { wait: false }
  const never = { script: () => {} }

  test('of one visitor, until one ends', async () => {
    const server = await open({ ...never, places: { mostOfOwner: 2 } })
    const cookie = cookieOf(await run(server, {}, live))
    expect((await run(server, { cookie }, live)).status).toBe(202)
    const refused = await run(server, { cookie }, live)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
    server.executor.executions[0]?.finish()
    await expect.poll(async () => (await run(server, { cookie }, live)).status).toBe(202)
  })

  test('of one address, whatever cookies it drops', async () => {
    const server = await open({ ...never, places: { mostOfAddress: 2 }, trustProxy: oneHop })
    const at = (address: string) => run(server, { 'x-forwarded-for': address }, live)
    expect(await statuses([at('198.51.100.1'), at('198.51.100.1'), at('198.51.100.1')])).toEqual([202, 202, 429])
    expect((await at('198.51.100.2')).status).toBe(202)
  })

  test('of all together', async () => {
    const server = await open({ ...never, places: { most: 2 } })
    expect(await statuses([run(server, {}, live), run(server, {}, live), run(server, {}, live)])).toEqual([202, 202, 503])
  })
})
