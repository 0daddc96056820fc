import { afterEach, expect, test, vi } from 'vitest'
import { Health } from '../protocol/contract.ts'
import { healthOf } from './health.ts'
import { createSampleServices } from './sample-services.ts'

afterEach(() => vi.useRealTimers())

test('all is well when engine, images and database are', async () => {
  expect(Health.parse(await healthOf(createSampleServices()))).toMatchObject({ status: 'ok', database: { ok: true } })
})

test('a missing image or engine degrades it, in the executor’s words', async () => {
  const services = createSampleServices()
  services.executor.setState({ engine: { ok: false, message: 'Start Docker.' } })
  expect(await healthOf(services)).toMatchObject({ status: 'degraded', engine: { ok: false, message: 'Start Docker.' } })
  services.executor.setState({
    engine: { ok: true, message: '' },
    languages: [{ id: 'script', ready: false, message: 'Build it.', image: '', imageDigest: '' }],
  })
  expect(await healthOf(services)).toMatchObject({
    status: 'degraded',
    languages: [{ id: 'script', ready: false, message: 'Build it.' }],
  })
})

test('a database that fails is told without its words', async () => {
  const services = createSampleServices()
  const checkDatabase = async () => {
    throw new Error('password authentication failed for user "secret"')
  }
  const health = await healthOf({ ...services, checkDatabase })
  expect(health).toMatchObject({ status: 'degraded', database: { ok: false } })
  expect(JSON.stringify(health)).not.toContain('secret')
})

test('a database that does not answer keeps nobody waiting', async () => {
  vi.useFakeTimers()
  const health = healthOf({ ...createSampleServices(), checkDatabase: () => new Promise(() => {}) })
  await vi.advanceTimersByTimeAsync(2000)
  expect(await health).toMatchObject({
    status: 'degraded',
    database: { ok: false, message: expect.stringContaining('within 2 s') },
  })
})
