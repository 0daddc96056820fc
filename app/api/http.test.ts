import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Acknowledgement, ClientToServer, ServerToClient } from '../../protocol/channel.ts'
import type { RunId } from '../../protocol/ids.ts'
import { KiB } from '../../protocol/limits.ts'
import { Run, RunEvent, type RunRequest } from '../../protocol/run.ts'
import { maxFollows, maxMessagesPerSecond, mostOnTheWay } from '../../server/channel.ts'
import { newRunId } from '../../server/run-id.ts'
import { openSampleServer } from './sample-server.ts'

type Server = Awaited<ReturnType<typeof openSampleServer>>
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
async function open(options?: Parameters<typeof openSampleServer>[0]): Promise<Server> {
  const server = await openSampleServer(options)
  closing.push(() => server[Symbol.asyncDispose]())
  return server
}

/** A run under way, its execution, and the cookie of who made it. */
async function startRun(server: Server, more: Partial<RunRequest> = {}) {
  const response = await fetch(`${server.url}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language: 'script', code: 'x', wait: false, ...more }),
  })
  const { run_id } = Run.parse(await response.json())
  const execution = server.executor.executions.at(-1)
  if (!execution) throw new Error('Nothing was started.')
  return { runId: run_id, execution, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' }
}

describe('server-sent events', () => {
  async function* sse(server: Server, runId: RunId, init: RequestInit = {}, query = '') {
    const response = await fetch(`${server.url}/api/runs/${runId}/events${query}`, init)
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    let text = ''
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        if (data) yield RunEvent.parse(JSON.parse(data))
      }
    }
  }
  async function seqs(events: AsyncIterable<RunEvent>): Promise<number[]> {
    const seen: number[] = []
    for await (const event of events) seen.push(event.seq)
    return seen
  }

  test('come one by one while the program runs, and end with it', async () => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    const events = sse(server, runId)
    execution.start()
    expect((await events.next()).value).toMatchObject({ type: 'started', seq: 0 })
    execution.print('one')
    expect((await events.next()).value).toMatchObject({ text: 'one', seq: 1 })
    execution.finish()
    expect((await events.next()).value).toMatchObject({ type: 'finished', seq: 2 })
    expect((await events.next()).done).toBe(true)
  })

  test('go on after the last one a reader had', async () => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    execution.start()
    for (const text of 'abc') execution.print(text)
    execution.finish()
    expect(await seqs(sse(server, runId))).toEqual([0, 1, 2, 3, 4])
    expect(await seqs(sse(server, runId, { headers: { 'last-event-id': '2' } }))).toEqual([3, 4])
    expect(await seqs(sse(server, runId, {}, '?after=1'))).toEqual([2, 3, 4])
  })

  test('a reader that leaves does not disturb the run', async () => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    const leaving = new AbortController()
    const events = sse(server, runId, { signal: leaving.signal })
    execution.start()
    await events.next()
    leaving.abort()
    await expect(events.next()).rejects.toThrow()
    execution.finish()
    expect(await seqs(sse(server, runId))).toEqual([0, 1])
  })
})

test('a caller that hangs up while waiting for the answer stops its run', async () => {
  const server = await open()
  const leaving = new AbortController()
  const answer = fetch(`${server.url}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language: 'script', code: 'x' }),
    signal: leaving.signal,
  })
  await expect.poll(() => server.executor.executions.length).toBe(1)
  leaving.abort()
  await expect(answer).rejects.toThrow()
  await expect.poll(() => server.executor.executions[0]?.cancelledBy).toBe('client')
})

describe('Socket.IO', () => {
  type Client = Socket<ServerToClient, ClientToServer>
  async function join(
    server: Server,
    options: { cookie?: string; origin?: string; transports?: string[] } = {},
  ): Promise<Client> {
    const { cookie, origin, transports = ['websocket'] } = options
    const extraHeaders = { ...(cookie ? { cookie } : {}), ...(origin ? { origin } : {}) }
    const client: Client = io(server.url, { transports, extraHeaders, reconnection: false, forceNew: true })
    closing.push(() => client.disconnect())
    await new Promise<void>((resolve, reject) => {
      client.once('connect', resolve)
      client.once('connect_error', reject)
    })
    return client
  }
  const refused = (code: string) => expect.objectContaining({ ok: false, error: expect.objectContaining({ code }) })

  /** Everything this client is sent, taken at once. */
  function collect(client: Client) {
    const events: RunEvent[] = []
    const finished = new Promise<RunEvent[]>((resolve) => {
      client.on('run:event', (message, received) => {
        events.push(...message.events)
        received()
        if (events.at(-1)?.type === 'finished') resolve(events)
      })
    })
    return { events, finished }
  }

  test.each([['websocket'], ['polling']])('brings a run from its beginning to its end, by %s', async (transport) => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    execution.start()
    const client = await join(server, { transports: [transport] })
    const { events, finished } = collect(client)
    expect(await client.emitWithAck('run:follow', { run_id: runId, after: -1 })).toEqual({ ok: true })
    await expect.poll(() => events.length).toBe(1)
    execution.print('x')
    execution.finish()
    expect((await finished).map((event) => event.seq)).toEqual([0, 1, 2])
  })

  test('goes on after a lost connection without losing or doubling an event', async () => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    execution.start()
    execution.print('before')
    const first = await join(server)
    const before = collect(first)
    await first.emitWithAck('run:follow', { run_id: runId, after: -1 })
    await expect.poll(() => before.events.length).toBe(2)
    first.disconnect()
    execution.print('meanwhile')
    execution.finish()
    const second = await join(server)
    const after = collect(second)
    await second.emitWithAck('run:follow', { run_id: runId, after: before.events.length - 1 })
    expect([...before.events, ...(await after.finished)].map((event) => event.seq)).toEqual([0, 1, 2, 3])
  })

  test('sends no more to a reader that has not taken what it was sent', async () => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    execution.start()
    for (let n = 0; n < 16; n++) execution.print('x'.repeat(64 * KiB))
    execution.finish()
    const client = await join(server)
    const batches: { events: RunEvent[]; received: () => void }[] = []
    client.on('run:event', ({ events }, received) => batches.push({ events, received }))
    await client.emitWithAck('run:follow', { run_id: runId, after: -1 })
    await expect.poll(() => batches.length).toBe(mostOnTheWay)
    // Answered after whatever was on its way to us: had there been one batch more, it would be here.
    await client.emitWithAck('run:unfollow', { run_id: newRunId() })
    await client.emitWithAck('run:unfollow', { run_id: newRunId() })
    expect(batches).toHaveLength(mostOnTheWay)

    const seen: number[] = []
    for (let n = 0; seen.at(-1) !== 17; n++) {
      await expect.poll(() => batches.length).toBeGreaterThan(n)
      expect(batches.length).toBeLessThanOrEqual(n + mostOnTheWay)
      seen.push(...(batches[n]?.events.map((event) => event.seq) ?? []))
      batches[n]?.received()
    }
    expect(seen).toEqual(Array.from({ length: 18 }, (_, seq) => seq))
  })

  test('takes input, end of input, signals and cancel from who made the run', async () => {
    const server = await open()
    const { runId, execution, cookie } = await startRun(server)
    execution.start()
    const client = await join(server, { cookie })
    expect(await client.emitWithAck('run:stdin', { run_id: runId, data: 'hi\n' })).toEqual({ ok: true })
    expect(await client.emitWithAck('run:signal', { run_id: runId, signal: 'SIGINT' })).toEqual({ ok: true })
    expect(await client.emitWithAck('run:stdin-end', { run_id: runId })).toEqual({ ok: true })
    expect(await client.emitWithAck('run:stdin', { run_id: runId, data: 'late' })).toEqual(refused('conflict'))
    expect(await client.emitWithAck('run:cancel', { run_id: runId })).toEqual({ ok: true })
    expect(execution).toMatchObject({ written: ['hi\n'], signals: ['SIGINT'], inputEnded: true, cancelledBy: 'user' })
  })

  test('resizes the terminal of a run that has one', async () => {
    const server = await open()
    const client = await (async () => {
      const { runId, cookie, execution } = await startRun(server, { tty: { columns: 80, rows: 24 } })
      execution.start()
      return { runId, socket: await join(server, { cookie }) }
    })()
    const size = { columns: 100, rows: 40 }
    expect(await client.socket.emitWithAck('run:resize', { run_id: client.runId, ...size })).toEqual({ ok: true })
    const zero = { run_id: client.runId, columns: 0, rows: 1 }
    expect(await client.socket.emitWithAck('run:resize', zero)).toEqual(refused('invalid'))
    const { runId, cookie } = await startRun(server)
    const other = await join(server, { cookie })
    expect(await other.emitWithAck('run:resize', { run_id: runId, ...size })).toEqual(refused('conflict'))
  })

  test('refuses them from anyone else, in the words of an HTTP refusal', async () => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    const client = await join(server)
    expect(await client.emitWithAck('run:stdin', { run_id: runId, data: 'x' })).toEqual(refused('forbidden'))
    expect(await client.emitWithAck('run:cancel', { run_id: runId })).toEqual(refused('forbidden'))
    expect(execution.cancelledBy).toBeNull()
  })

  test('refuses what it does not understand, and a run that is not there', async () => {
    const server = await open()
    const client = (await join(server)) as unknown as {
      emitWithAck(name: string, ...message: unknown[]): Promise<Acknowledgement>
    }
    for (const message of [undefined, null, 7, 'x', [], {}, { run_id: '*', after: -1 }, { run_id: newRunId(), after: -2 }]) {
      expect(await client.emitWithAck('run:follow', message)).toEqual(refused('invalid'))
    }
    expect(await client.emitWithAck('run:follow', { run_id: newRunId(), after: -1 })).toEqual(refused('not-found'))
  })

  test('does not break over a message without an acknowledgement', async () => {
    const server = await open()
    const client = await join(server)
    ;(client as unknown as { emit(...all: unknown[]): void }).emit('run:follow', 'nonsense', 'no function')
    expect(await client.emitWithAck('run:unfollow', { run_id: newRunId() })).toEqual({ ok: true })
  })

  test(`follows ${maxFollows} runs at once and no more`, async () => {
    const server = await open()
    const client = await join(server)
    const runIds: RunId[] = []
    for (let n = 0; n <= maxFollows; n++) runIds.push((await startRun(server)).runId)
    const answers: Acknowledgement[] = []
    for (const run_id of runIds) {
      answers.push(await client.emitWithAck('run:follow', { run_id, after: -1 }))
    }
    expect(answers.slice(0, maxFollows).every((answer) => answer.ok)).toBe(true)
    expect(answers.at(-1)).toEqual(refused('too-many-requests'))
  })

  test('hangs up on who floods it', async () => {
    const server = await open()
    const client = await join(server)
    const gone = once(client as never, 'disconnect')
    for (let n = 0; n < 3 * maxMessagesPerSecond; n++) client.emit('run:unfollow', { run_id: newRunId() })
    await gone
    expect(client.connected).toBe(false)
  })

  test.each([['websocket'], ['polling']])('refuses a connection that a page of another site makes, by %s', async (transport) => {
    const server = await open()
    await expect(join(server, { origin: 'https://evil.example', transports: [transport] })).rejects.toThrow()
    await expect(join(server, { origin: 'null', transports: [transport] })).rejects.toThrow()
    await expect(join(server, { origin: server.url, transports: [transport] })).resolves.toBeDefined()
  })

  test('ends a connection that sends more than any message needs', async () => {
    const server = await open()
    const client = await join(server)
    const gone = once(client as never, 'disconnect')
    client.emit('run:stdin', { run_id: newRunId(), data: 'x'.repeat(300 * KiB) })
    await gone
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  })
})

describe('the raw WebSocket', () => {
  async function read(server: Server, address: string, origin?: string) {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/runs/ws/${address}/logs`, { ...(origin ? { origin } : {}) })
    closing.push(() => socket.terminate())
    const messages: unknown[] = []
    socket.on('message', (data) => messages.push(JSON.parse(String(data))))
    const [code, reason] = await once(socket, 'close')
    return { messages, code, reason: String(reason) }
  }

  test.each(['before', 'after'])('tells the whole run, once and in order, to a reader that came %s its end', async (when) => {
    const server = await open()
    const { runId, execution } = await startRun(server)
    const end = () => {
      execution.start()
      execution.print('out')
      execution.print('err', 'stderr')
      execution.finish({ verdict: { kind: 'exited', exit_code: 3 }, exit_code: 3 })
    }
    if (when === 'after') end()
    const reading = read(server, runId)
    if (when === 'before') end()
    expect(await reading).toEqual({
      messages: [
        { type: 'stdout', data: 'out' },
        { type: 'stderr', data: 'err' },
        { type: 'complete', data: { status: 'error', exit_code: 3, message: 'Exited with code 3' } },
      ],
      code: 1000,
      reason: '',
    })
  })

  test.each([newRunId(), 'nonsense', '__proto__'])(
    'closes with 4404 and a sentence for a run that is not there: %s',
    async (address) => {
      const server = await open()
      expect(await read(server, address)).toEqual({ messages: [], code: 4404, reason: 'There is no run with this address.' })
    },
  )

  test('is refused to a page of another site', async () => {
    const server = await open()
    const { runId } = await startRun(server)
    await expect(read(server, runId, 'https://evil.example')).rejects.toThrow('403')
  })
})

describe('at the door', () => {
  /** A request as no browser and no fetch would send it. */
  async function raw(server: Server, text: string): Promise<string> {
    const socket = connect(server.port, '127.0.0.1')
    socket.setEncoding('utf8')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    // A server that hangs up on what it will not read may reset the connection.
    socket.on('error', () => {})
    socket.write(text)
    await new Promise((resolve) => socket.once('close', resolve))
    return answer
  }

  test('a name that somebody else pointed here is refused, for pages, API and sockets', async () => {
    const server = await open()
    const host = 'Host: evil.example\r\nConnection: close\r\n\r\n'
    expect(await raw(server, `GET / HTTP/1.1\r\n${host}`)).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(server, `GET /api/health HTTP/1.1\r\n${host}`)).toMatch(/BUGGHOST_URL/)
    expect(await raw(server, `GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n${host}`)).toMatch(/^HTTP\/1\.1 40/)
    const upgrade = `Host: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
    expect(await raw(server, `GET /api/runs/ws/${newRunId()}/logs HTTP/1.1\r\n${upgrade}`)).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('what a client claims to have been forwarded is believed only of our proxy', async () => {
    const claim = 'GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n'
    expect(await raw(await open(), claim)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await raw(await open({ trustProxy: { kind: 'count', hops: 1 } }), claim)).toMatch(/^HTTP\/1\.1 400 /)
  })

  test.each(['TRACE', 'PROPFIND'])('%s does nothing', async (method) => {
    const server = await open()
    expect(await raw(server, `${method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 405 /)
  })

  test('headers beyond all bounds are refused', async () => {
    const server = await open()
    // The reset can overtake the 431.
    expect(await raw(server, `GET /${'x'.repeat(64 * KiB)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toMatch(/^(HTTP\/1\.1 431 |$)/)
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  })

  test('an upgrade nobody asked for is ended, not left open', async () => {
    const server = await open()
    const upgrade = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    expect(await raw(server, `GET /elsewhere HTTP/1.1\r\n${upgrade}`)).toMatch(/^HTTP\/1\.1 404 /)
  })

  test('a page makes its visitor known and says what it may do', async () => {
    const server = await open()
    const page = await fetch(server.url)
    expect(page.headers.get('set-cookie')).toMatch(/^bugghost_visitor=.*HttpOnly; SameSite=Lax$/)
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await fetch(`${server.url}/r/${newRunId()}`)).headers.get('referrer-policy')).toBe('no-referrer')
    const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await fetch(server.url, { headers: { cookie } })).headers.get('set-cookie')).toBeNull()
  })
})

test('a taken port is told in one sentence', async () => {
  const server = await open()
  const { createHttpServer } = await import('../../server/http-server.ts')
  const second = createHttpServer({ ...server, trustProxy: { kind: 'nobody' }, dev: false, handle: async () => {} })
  closing.push(() => second.close())
  await expect(second.listen(server.port, '127.0.0.1')).rejects.toThrow(`Port ${server.port} is taken.`)
})

test('closing ends every kind of connection', async () => {
  const server = await openSampleServer()
  const { runId } = await startRun(server)
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/runs/ws/${runId}/logs`)
  await once(socket, 'open')
  const idle = httpRequest({ port: server.port, path: '/api/health', agent: false, headers: { connection: 'keep-alive' } })
  idle.on('error', () => {})
  idle.end()
  await once(idle, 'response')
  const closed = once(socket, 'close')
  await server[Symbol.asyncDispose]()
  await closed
  await expect(fetch(`${server.url}/api/health`)).rejects.toThrow()
})
