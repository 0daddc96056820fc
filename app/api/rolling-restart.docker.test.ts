import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClientToServer, ServerToClient } from '../../protocol/channel.ts'
import { RunId } from '../../protocol/ids.ts'
import type { RunEvent } from '../../protocol/run.ts'
import { openBalancer } from './testing/balancer.ts'
import { clientOf, startFleet, type Web } from './testing/fleet-of-processes.ts'

// Real servers and workers, each told to stop (SIGTERM) in the middle of what they do, as a supervisor does that restarts them one by one.

let fleet: Awaited<ReturnType<typeof startFleet>>
let balancer: Awaited<ReturnType<typeof openBalancer>>
let webs: Web[]
beforeAll(async () => {
  fleet = await startFleet()
  webs = await Promise.all([fleet.startWeb(), fleet.startWeb()])
  balancer = await openBalancer(webs.map(({ port }) => port))
})
afterAll(async () => {
  await balancer?.[Symbol.asyncDispose]()
  await fleet?.[Symbol.asyncDispose]()
})

/** Another server takes the place of this one, as in a rolling update: it is there before the old one is told to stop. */
async function replaceWeb(old: Web): Promise<number | null> {
  const next = await fleet.startWeb()
  webs = [...webs.filter((web) => web !== old), next]
  balancer.add(next.port)
  const code = await old.end('SIGTERM')
  balancer.remove(old.port)
  return code
}

/** Follows a run as a page does, through the balancer. Resolves with every event as it was delivered, and how often it connected. */
function view(runId: string): Promise<{ events: RunEvent[]; connected: number }> {
  const events: RunEvent[] = []
  let connected = 0
  const socket: Socket<ServerToClient, ClientToServer> = io(balancer.url, {
    forceNew: true,
    transports: ['websocket'],
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  })
  return new Promise((resolve, reject) => {
    socket.on('connect', () => {
      connected++
      socket.emit('run:follow', { run_id: RunId.parse(runId), after: events.at(-1)?.seq ?? -1 }, (answer) => {
        if (!answer.ok) reject(new Error(answer.error.message))
      })
    })
    socket.on('run:event', (delivery, received) => {
      events.push(...delivery.events)
      received()
      if (events.at(-1)?.type !== 'finished') return
      socket.disconnect()
      resolve({ events, connected })
    })
  })
}

/** Asks for a run over a connection of its own: one that is kept open may be closed by its server in the moment a request leaves. */
async function post(
  url: string,
  body: object,
): Promise<{ status: number; retryAfter: string | undefined; body: { run_id: string } }> {
  const asking = request(`${url}/api/runs`, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } })
  asking.end(JSON.stringify({ language: 'python', ...body }))
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: (await json(response)) as { run_id: string },
  }
}

/** The same over server-sent events. */
const readAll = (runId: string): Promise<RunEvent[]> => clientOf(balancer.url).read(runId)

const textOf = (events: readonly RunEvent[]): string =>
  events.flatMap((event) => (event.type === 'output' ? [event.text] : [])).join('')

function expectOnceInOrder(events: readonly RunEvent[]): void {
  expect(events.map(({ seq }) => seq)).toEqual([...events.keys()])
  expect(events.filter(({ type }) => type === 'finished')).toHaveLength(1)
}

describe('a server that is told to stop', () => {
  test('sends its viewers to another one, where they go on with the next event', async () => {
    const worker = await fleet.startWorker()
    const owner = clientOf(balancer.url)
    // Half of it comes before the server stops, and half when that is over.
    const runId = await owner.start('for n in range(60):\n    if n == 30: input()\n    print(n, flush=True)\n')
    const viewing = Array.from({ length: 20 }, () => view(runId))
    const reading = Array.from({ length: 6 }, () => readAll(runId))
    await new Promise<void>((resolve) => {
      void webs[1]?.read(runId, { onEvent: (event) => event.type === 'output' && resolve() })
    })
    expect(await replaceWeb(webs[0] as Web)).toBe(0)
    expect((await owner.ask(`/api/runs/${runId}/stdin`, { method: 'POST', body: '{"data":"go on\\n"}' })).status).toBe(200)
    const viewed = await Promise.all(viewing)
    for (const events of [...viewed.map(({ events }) => events), ...(await Promise.all(reading))]) {
      expectOnceInOrder(events)
      expect(textOf(events)).toBe([...Array(60).keys()].map((n) => `${n}\n`).join(''))
      expect(events.at(-1)).toMatchObject({ verdict: { kind: 'exited' } })
    }
    // Half of them were there, and had to move.
    expect(viewed.filter(({ connected }) => connected > 1).length).toBeGreaterThanOrEqual(8)
    await worker.end('SIGTERM')
  }, 60_000)

  test('begins nothing new, and says so to people and to balancers, but gives the answers it owes', async () => {
    const worker = await fleet.startWorker()
    const web = await fleet.startWeb()
    const code = 'import time\nprint("begun", flush=True)\ntime.sleep(4)\nprint("done")'
    await web.start('print("warm")')
    const owed = post(web.url, { code })
    // A worker says so every other second.
    const running = async () => (await (await fetch(`${web.url}/api/health`)).json()).sandboxes.running
    await expect.poll(running, { timeout: 20_000 }).toBe(1)
    const gone = web.end('SIGTERM')
    await expect.poll(async () => (await (await fetch(`${web.url}/api/health`)).json()).status).toBe('stopping')
    const health = await fetch(`${web.url}/api/health`)
    expect([health.status, health.headers.get('connection')]).toEqual([503, 'close'])
    const refused = await post(web.url, { code: 'print(1)' })
    expect([refused.status, refused.retryAfter]).toEqual([503, '1'])
    expect((await owed).body).toMatchObject({ status: 'completed', stdout: 'begun\ndone\n' })
    expect(await gone).toBe(0)
    await worker.end('SIGTERM')
  }, 60_000)
})

test('a worker that is told to stop finishes what it can, and ends the rest with its output at the deadline', async () => {
  const worker = await fleet.startWorker({ places: 2 })
  const client = clientOf(balancer.url)
  const short = await client.start('import time\nprint("short", flush=True)\ntime.sleep(2)\nprint("done")')
  const long = await client.start('import time\nprint("long", flush=True)\ntime.sleep(50)')
  for (const runId of [short, long])
    await expect.poll(async () => (await client.find(runId)).stdout, { timeout: 20_000 }).not.toBe('')
  await worker.end('SIGTERM')
  expect(textOf(await readAll(short))).toBe('short\ndone\n')
  const cut = await readAll(long)
  expectOnceInOrder(cut)
  expect(textOf(cut)).toBe('long\n')
  expect(cut.at(-1)).toMatchObject({ verdict: { kind: 'cancelled', by: 'shutdown' } })
}, 60_000)

test('all servers and workers are replaced one by one under load, and nothing is lost', async () => {
  let workers: Awaited<ReturnType<typeof fleet.startWorker>>[] = await Promise.all([
    fleet.startWorker({ places: 2 }),
    fleet.startWorker({ places: 2 }),
  ])
  const accepted: { runId: string; marker: string; events: Promise<RunEvent[]> }[] = []
  const refusals: { status: number; retryAfter: string | undefined }[] = []
  let over = false

  async function load(client: number): Promise<void> {
    for (let n = 0; !over; n++) {
      const marker = `client ${client} run ${n}`
      const code = `import time\nfor part in range(5):\n    print("${marker}", part, flush=True)\n    time.sleep(0.05)\n`
      const { status, retryAfter, body } = await post(balancer.url, { code, wait: n % 2 === 0 })
      if (status < 300) {
        const events = readAll(body.run_id)
        accepted.push({ runId: body.run_id, marker, events })
        await events
      } else {
        refusals.push({ status, retryAfter })
        await sleep(200)
      }
    }
  }

  const loading = Promise.all([0, 1, 2, 3].map(load))
  const enough = async (runs: number) => expect.poll(() => accepted.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(runs)
  await enough(6)
  for (const web of [...webs]) expect(await replaceWeb(web)).toBe(0)
  await enough(accepted.length + 4)
  const next = await Promise.all([fleet.startWorker({ places: 2 }), fleet.startWorker({ places: 2 })])
  for (const old of workers) await old.end('SIGTERM')
  workers = next
  await enough(accepted.length + 4)
  over = true
  await loading

  const kept = await Promise.all(accepted.map(({ runId }) => readAll(runId)))
  for (const [n, { marker, events }] of accepted.entries()) {
    const seen = await events
    expectOnceInOrder(seen)
    expect(textOf(seen)).toBe([0, 1, 2, 3, 4].map((part) => `${marker} ${part}\n`).join(''))
    expect(seen.at(-1)).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 } })
    // And so it is kept.
    expect(kept[n]).toEqual(seen)
  }
  expect(refusals.filter(({ status, retryAfter }) => status !== 503 || retryAfter === undefined)).toEqual([])
  for (const worker of workers) await worker.end('SIGTERM')
}, 180_000)
