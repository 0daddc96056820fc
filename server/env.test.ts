import { describe, expect, test } from 'vitest'
import { parseEnv } from './env.ts'

test('nothing needs to be set', () => {
  expect(parseEnv({}, 4)).toEqual({
    dev: true,
    port: 3000,
    host: '127.0.0.1',
    publicUrl: 'http://localhost:3000',
    dataDir: './data',
    engine: {},
    maxRunning: 8,
    maxQueued: 200,
    trustProxy: false,
    retention: { keepShared: true },
    logLevel: 'info',
  })
})

test('a variable that is set to nothing counts as not set', () => {
  expect(parseEnv({ PORT: '', DATABASE_URL: ' ' }, 4)).toEqual(parseEnv({}, 4))
})

test('what is kept has bounds only when they are set', () => {
  const set = { BUGGHOST_KEEP_DAYS: '30', BUGGHOST_KEEP_GB: '0.5', BUGGHOST_KEEP_SHARED: 'false' }
  expect(parseEnv(set).retention).toEqual({ keepDays: 30, keepBytes: 500_000_000, keepShared: false })
  expect(() => parseEnv({ BUGGHOST_KEEP_GB: '5 GB' })).toThrow('BUGGHOST_KEEP_GB must be a number of gigabytes')
})

test('the public address follows the port, and loses its slash', () => {
  expect(parseEnv({ PORT: '4000' }).publicUrl).toBe('http://localhost:4000')
  expect(parseEnv({ BUGGHOST_URL: 'https://bugs.example.org/' }).publicUrl).toBe('https://bugs.example.org')
})

test('everything that is wrong is said at once, by name', () => {
  const wrong = {
    PORT: '70000',
    BUGGHOST_URL: 'bugs.example.org',
    DATABASE_URL: 'mysql://x',
    BUGGHOST_MAX_RUNNING: 'many',
    BUGGHOST_TRUST_PROXY: 'perhaps',
    LOG_LEVEL: 'loud',
  }
  expect(() => parseEnv(wrong)).toThrow(new RegExp(Object.keys(wrong).join('[^]*')))
})

describe('the public address is refused when it', () => {
  test.each([
    ['has a path', 'https://example.org/bugs'],
    ['has a password', 'https://a:b@example.org'],
    ['is no web address', 'ftp://example.org'],
  ])('%s', (_, BUGGHOST_URL) => expect(() => parseEnv({ BUGGHOST_URL })).toThrow('BUGGHOST_URL'))
})
