import { afterEach, expect, test, vi } from 'vitest'
import { Health } from '../protocol/contract.ts'
import type { LanguageState } from '../sandbox/executor.ts'
import { healthOf } from './health.ts'
import { createSampleServices } from './sample-services.ts'

afterEach(() => vi.useRealTimers())

const state = (id: string, part: Partial<LanguageState> = {}): LanguageState => ({
  id,
  version: '1.2',
  ready: true,
  message: 'ready',
  image: '',
  imageDigest: '',
  ...part,
})
const building = { ready: false, building: true, message: 'Its image is being built: step 3 of 7.' }
const missing = { ready: false, message: 'Its image is missing.' }

test('all is well when engine, images and database are', async () => {
  expect(Health.parse(await healthOf(createSampleServices()))).toMatchObject({ status: 'ok', database: { ok: true } })
})

test('a server that stops says so, and that nobody is to be sent to it', async () => {
  const services = { ...createSampleServices(), stopping: () => true }
  expect(Health.parse(await healthOf(services))).toMatchObject({ status: 'stopping' })
})

test('a missing image or engine degrades it, in the executor’s words', async () => {
  const services = createSampleServices()
  services.executor.setState({ engine: { ok: false, message: 'Start Docker.' } })
  expect(await healthOf(services)).toMatchObject({ status: 'degraded', engine: { ok: false, message: 'Start Docker.' } })
  services.executor.setState({
    engine: { ok: true, message: '' },
    languages: [state('script', { ready: false, message: 'Build it.' })],
  })
  expect(await healthOf(services)).toMatchObject({
    status: 'degraded',
    languages: [{ id: 'script', version: '1.2', ready: false, message: 'Build it.' }],
  })
})

test.each<[string, LanguageState[], string]>([
  ['the first language works and the rest is being built', [state('one'), state('two', building)], 'ok'],
  ['the first language is being built itself', [state('one', building), state('two')], 'degraded'],
  ['a version is missing and nobody builds it', [state('one'), state('two', building), state('two', missing)], 'degraded'],
  ['every image is there', [state('one'), state('two')], 'ok'],
])('when %s, its status says so', async (_, languages, status) => {
  const services = createSampleServices()
  services.executor.setState({ languages })
  expect(await healthOf(services)).toMatchObject({ status, languages: languages.map(({ id, ready }) => ({ id, ready })) })
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
