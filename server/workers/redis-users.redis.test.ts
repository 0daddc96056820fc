import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ActorId } from '../../protocol/ids.ts'
import { createMemoryStore } from '../memory-store.ts'
import { helloScript } from '../sample-services.ts'
import { openWeb, openWorker } from './testing/fleet.ts'
import { startTestRedis, type TestRedis } from './testing/test-redis.ts'

// The users that docs/workers.md gives, word for word, with passwords put in.

let redis: TestRedis
const urlOf = (user: string) => `redis://${user}:secret-of-${user}@127.0.0.1:${redis.port}/0`
const as = (user: string) => new Redis(urlOf(user), { enableReadyCheck: false })

beforeAll(async () => {
  const text = await readFile(join(import.meta.dirname, '../../deploy/redis/users.acl'), 'utf8')
  const users = text
    .replace('WEB_PASSWORD', 'secret-of-web')
    .replace('WORKER_PASSWORD', 'secret-of-worker')
    .trim()
    .split('\n')
    .map((line) => line.replace(/^user /, ''))
  redis = await startTestRedis(users.flatMap((user) => ['--user', ...user.split(' ')]))
})
afterAll(() => redis?.[Symbol.asyncDispose]())

test('a web server and a worker need no more than their users may', async () => {
  const store = createMemoryStore()
  await using _worker = await openWorker(urlOf('worker'), helloScript)
  await using web = await openWeb(urlOf('web'), store)
  const run = await (await web.runs.create({ language: 'script', code: 'x' }, ActorId.parse('somebody'))).finished
  expect(run).toMatchObject({ status: 'completed', stdout: 'hello\n' })
  const policy = { name: 'visitor', limit: 1, windowSec: 60 }
  expect(await web.rateLimit.take([{ key: 'somebody', policy }])).toMatchObject({ allowed: true })
})

test.each([
  ['read or write what is not Bug Ghost’s', ['get', 'sessions:1']],
  ['say which installation this is', ['set', 'bugghost:installation', 'mine']],
  ['see or change how much somebody has run', ['hset', 'bugghost:rate:visitor:somebody', 'current', '0']],
  ['hold the watch over runs', ['set', 'bugghost:watch', '1']],
  ['list what is there', ['keys', '*']],
  ['throw everything away', ['flushall']],
  ['change the settings', ['config', 'set', 'dir', '/']],
  ['see who else is connected', ['client', 'list']],
  ['make itself a replica’s master', ['replicaof', 'no', 'one']],
  ['load code', ['module', 'list']],
])('a worker cannot %s', async (_, [command = '', ...args]) => {
  const worker = as('worker')
  try {
    await expect(worker.call(command, ...args)).rejects.toThrow('NOPERM')
  } finally {
    worker.disconnect()
  }
})

test('nobody gets in without a name', async () => {
  const nobody = new Redis(redis.port, '127.0.0.1', { retryStrategy: null, enableReadyCheck: false })
  await expect(nobody.get('bugghost:living')).rejects.toThrow('NOAUTH')
  nobody.disconnect()
})
