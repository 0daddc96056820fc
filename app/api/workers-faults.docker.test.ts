import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunEvent } from '../../protocol/run.ts'
import { startFleet, type Web } from './testing/fleet-of-processes.ts'

// Real servers, workers, Redis, PostgreSQL and sandboxes, each killed in the middle of a run.

/** Counts to 60 in six seconds. */
const counting = 'import time\nfor n in range(60):\n    print(n, flush=True)\n    time.sleep(0.1)\n'
const quick = 'print("done")'

type Worker = Awaited<ReturnType<Awaited<ReturnType<typeof startFleet>>['startWorker']>>

let fleet: Awaited<ReturnType<typeof startFleet>>
let one: Web
let other: Web
const workers: Worker[] = []
const startWorker = async (options?: Parameters<typeof fleet.startWorker>[0]): Promise<Worker> => {
  const worker = await fleet.startWorker(options)
  workers.push(worker)
  return worker
}

beforeAll(async () => {
  fleet = await startFleet()
  ;[one, other] = await Promise.all([fleet.startWeb(), fleet.startWeb()])
})
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.end('SIGTERM')
})
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
})

/** Resolves when this server has shown so many lines of the program. */
function shown(web: Web, runId: string, lines: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    web
      .read(runId, {
        onEvent(event) {
          if (event.type === 'output') text += event.text
          if (text.split('\n').length > lines) resolve()
        },
      })
      .then(() => reject(new Error(`The run ended before it had shown ${lines} lines.`)))
  })
}

/** One ending, every event in order, and the lines of the program without a gap: as many as there were until then. */
function expectWhole(events: readonly RunEvent[]): number {
  expect(events.map(({ seq }) => seq)).toEqual([...events.keys()])
  expect(events.filter(({ type }) => type === 'finished')).toHaveLength(1)
  expect(events.at(-1)?.type).toBe('finished')
  const lines = events
    .flatMap((event) => (event.type === 'output' ? [event.text] : []))
    .join('')
    .split('\n')
    .slice(0, -1)
  expect(lines).toEqual([...lines.keys()].map(String))
  return lines.length
}

/** The run as both servers tell it, from wherever they have it; the same. */
async function readEverywhere(runId: string): Promise<RunEvent[]> {
  const [here, there] = await Promise.all([one.read(runId), other.read(runId)])
  expect(there).toEqual(here)
  return here
}

/** Resolves with the run when it is in the database. */
async function kept(runId: string) {
  await expect.poll(async () => (await other.find(runId)).verdict, { timeout: 60_000, interval: 250 }).not.toBeNull()
  return other.find(runId)
}

describe('a run is seen to its one end', () => {
  test('when its worker is killed in the middle: interrupted, with the output it had, and the next one in the queue runs', async () => {
    const worker = await startWorker()
    const runId = await one.start(counting)
    const waiting = await one.start(quick)
    await shown(other, runId, 10)
    await worker.end('SIGKILL')
    const events = await readEverywhere(runId)
    expect(expectWhole(events)).toBeGreaterThanOrEqual(10)
    expect(events.at(-1)).toMatchObject({ verdict: { kind: 'interrupted' } })
    expect(await kept(runId)).toMatchObject({ verdict: { kind: 'interrupted' }, status: 'error' })
    // Its program ended with it, and the machine's next worker takes away what is left.
    await startWorker()
    await expect.poll(() => fleet.sandboxes(), { timeout: 60_000 }).toEqual([])
    expect(await kept(waiting)).toMatchObject({ status: 'completed', stdout: 'done\n' })
  }, 120_000)

  test('when Redis is killed and comes back: as if nothing had been', async () => {
    await startWorker()
    const runId = await one.start(counting)
    await shown(other, runId, 5)
    await fleet.redis.end('SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await fleet.redis.start()
    expect(expectWhole(await readEverywhere(runId))).toBe(60)
    expect(await kept(runId)).toMatchObject({ status: 'completed' })
    expect(await kept(await other.start(quick))).toMatchObject({ status: 'completed' })
  }, 120_000)

  test('when PostgreSQL is killed and comes back: as if nothing had been', async () => {
    await startWorker()
    const runId = await one.start(counting)
    await shown(other, runId, 5)
    await fleet.killPostgres()
    expect(expectWhole(await readEverywhere(runId))).toBe(60)
    expect(await kept(runId)).toMatchObject({ status: 'completed' })
  }, 120_000)

  test('when the server that started it is killed with 100 people watching: they go on at another one, and it is kept', async () => {
    await startWorker()
    const doomed = await fleet.startWeb()
    const runId = await doomed.start(counting)
    const watching = Array.from({ length: 100 }, () => doomed.read(runId))
    await shown(doomed, runId, 10)
    await doomed.end('SIGKILL')
    const watched = await Promise.all(
      watching.map(async (reading) => {
        const before = await reading
        // As a browser does by itself: from the last event it has seen.
        return [...before, ...(await other.read(runId, { after: before.at(-1)?.seq ?? -1 }))]
      }),
    )
    for (const events of watched) expect(expectWhole(events)).toBe(60)
    expect(watched.every((events) => JSON.stringify(events) === JSON.stringify(watched[0]))).toBe(true)
    expect(await kept(runId)).toMatchObject({ status: 'completed' })
  }, 120_000)

  test('when the network to its worker is cut: interrupted once, and what the worker says afterwards changes nothing', async () => {
    await using line = await openLine(fleet.redis.port)
    await startWorker({ redisUrl: `redis://127.0.0.1:${line.port}/0` })
    // Longer than it takes to believe the worker dead.
    const runId = await one.start('import time\nfor n in range(300):\n    print(n, flush=True)\n    time.sleep(0.1)\n')
    await shown(other, runId, 10)
    line.cut()
    const events = await readEverywhere(runId)
    expectWhole(events)
    expect(events.at(-1)).toMatchObject({ verdict: { kind: 'interrupted' } })
    await kept(runId)
    line.mend()
    // It stops what was taken from it, and is there for the next.
    await expect.poll(async () => (await fleet.sandboxes()).filter(({ running }) => running), { timeout: 60_000 }).toEqual([])
    expect(await kept(await one.start(quick))).toMatchObject({ status: 'completed' })
    expect(await readEverywhere(runId)).toEqual(events)
  }, 120_000)

  test('when Redis comes back with nothing: interrupted', async () => {
    const worker = await startWorker()
    const runId = await one.start(counting)
    await shown(other, runId, 5)
    await Promise.all([worker.end('SIGKILL'), fleet.redis.loseEverything()])
    expect(await kept(runId)).toMatchObject({ verdict: { kind: 'interrupted' } })
    expect(expectWhole(await readEverywhere(runId))).toBeGreaterThanOrEqual(5)
  }, 120_000)
})

/** A line to a port of this machine that can be cut. */
async function openLine(to: number) {
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    if (isCut) return client.destroy()
    const target = connect(to, '127.0.0.1')
    for (const socket of [client, target]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        target.destroy()
      })
    }
    client.pipe(target)
    target.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    cut(): void {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    mend(): void {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
