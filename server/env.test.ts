import { describe, expect, test } from 'vitest'
import { parseEnv, parseServerEnv, parseWorkerEnv } from './env.ts'

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
    rates: { perMinuteOfVisitor: 60, perMinuteOfAddress: 300, perDayOfAddress: 10_000 },
    trustProxy: { kind: 'nobody' },
    retention: { keepShared: true },
    stopMs: 9_000,
    logLevel: 'info',
    traces: false,
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

describe('proxies are trusted by', () => {
  test.each([
    ['nobody', 'false', { kind: 'nobody' }],
    ['yes, which is one', 'true', { kind: 'count', hops: 1 }],
    ['their number', '2', { kind: 'count', hops: 2 }],
  ])('%s', (_, BUGGHOST_TRUST_PROXY, trustProxy) => expect(parseEnv({ BUGGHOST_TRUST_PROXY }).trustProxy).toEqual(trustProxy))

  test('their addresses', () => {
    const { trustProxy } = parseEnv({ BUGGHOST_TRUST_PROXY: '10.0.0.0/8, ::1' })
    expect(trustProxy.kind === 'addresses' && trustProxy.ranges.map(([range, bits]) => `${range}/${bits}`)).toEqual([
      '10.0.0.0/8',
      '::1/128',
    ])
  })

  test.each(['10', '10.0.0.0/40', 'nginx', '10.0.0.1,'])('nothing like %o', (BUGGHOST_TRUST_PROXY) =>
    expect(() => parseEnv({ BUGGHOST_TRUST_PROXY })).toThrow('BUGGHOST_TRUST_PROXY'),
  )
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

describe('a secret in a file', () => {
  const key = Buffer.alloc(32, 7).toString('base64url')
  const files: Record<string, string> = { '/s/url': 'postgres://a:b@c/d\n', '/s/key': `${key}\n`, '/s/empty': '\n' }
  const read = (path: string): string => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' })
    return text
  }
  const parse = (variables: Record<string, string>) => parseEnv(variables, 4, read)

  test('is as good as one in the variable itself, without its line break', () => {
    const { databaseUrl, cookieKey } = parse({ DATABASE_URL_FILE: '/s/url', BUGGHOST_COOKIE_KEY_FILE: '/s/key' })
    expect(databaseUrl).toBe('postgres://a:b@c/d')
    expect(cookieKey).toEqual(new Uint8Array(32).fill(7))
  })

  test.each([
    ['cannot be read', { DATABASE_URL_FILE: '/s/gone' }, 'DATABASE_URL_FILE names /s/gone, which cannot be read (ENOENT)'],
    ['is empty', { DATABASE_URL_FILE: '/s/empty' }, 'DATABASE_URL_FILE names /s/empty, which is empty'],
    ['is given twice', { DATABASE_URL_FILE: '/s/url', DATABASE_URL: 'postgres://e/f' }, 'are both set'],
    ['does not hold what it is for', { BUGGHOST_COOKIE_KEY_FILE: '/s/url' }, 'BUGGHOST_COOKIE_KEY must be 32 bytes'],
  ])('that %s is refused', (_, variables, said) => expect(() => parse(variables)).toThrow(said))

  test('is not repeated in what is said of it', () => {
    files['/s/wrong'] = 'mysql://me:hush@there/db'
    const refusal = (): unknown => parse({ DATABASE_URL_FILE: '/s/wrong' })
    expect(refusal).toThrow('DATABASE_URL must be')
    expect(refusal).not.toThrow('hush')
  })
})

test('metrics are served to this machine alone, and only when a port is named', () => {
  expect(parseEnv({ METRICS_HOST: '0.0.0.0' }).metrics).toBeUndefined()
  expect(parseEnv({ METRICS_PORT: '9464' }).metrics).toEqual({ host: '127.0.0.1', port: 9464 })
  expect(parseEnv({ METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' }).metrics).toEqual({ host: '0.0.0.0', port: 9464 })
})

test('traces are sent when there is a place to send them to', () => {
  expect(parseEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }).traces).toBe(true)
  expect(parseEnv({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.org/v1/traces' }).traces).toBe(true)
  expect(parseEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_SDK_DISABLED: 'true' }).traces).toBe(false)
  expect(() => parseEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' })).toThrow('OTEL_EXPORTER_OTLP_ENDPOINT')
})

describe('with workers', () => {
  const REDIS_URL = 'redis://web:secret@redis:6379/0'
  const BUGGHOST_COOKIE_KEY = Buffer.alloc(32, 1).toString('base64url')

  test('a server is not started without the key it shares with the others', () => {
    expect(() => parseServerEnv({ REDIS_URL })).toThrow('BUGGHOST_COOKIE_KEY')
    expect(parseServerEnv({ REDIS_URL, BUGGHOST_COOKIE_KEY }).redisUrl).toBe(REDIS_URL)
  })
  test('a worker is told of Redis and its engine, and not of the database', () => {
    expect(parseWorkerEnv({ REDIS_URL }, 2)).toMatchObject({ redisUrl: REDIS_URL, maxRunning: 4 })
    expect(() => parseWorkerEnv({})).toThrow('REDIS_URL')
    expect(() => parseWorkerEnv({ REDIS_URL, DATABASE_URL: 'postgres://db/x' })).toThrow('must not be given DATABASE_URL')
  })
})
