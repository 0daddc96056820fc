import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { type AddressRange, rangeOf, type TrustedHops } from './client-address.ts'
import type { MetricsAddress } from './metrics/metrics-server.ts'
import type { RetentionPolicy } from './retention.ts'
import type { RunRates } from './run-quota.ts'

/** Everything the environment decides, read once. */
export type Env = {
  dev: boolean
  port: number
  host: string
  /** Without a slash at the end. */
  publicUrl: string
  databaseUrl?: string
  /** Programs run on workers that share this Redis; without it they run here. */
  redisUrl?: string
  /** Signs visitors' cookies; several servers of one installation need the same. Without it one is kept in the data folder. */
  cookieKey?: Uint8Array
  dataDir: string
  engine: { host?: string; tlsVerify?: boolean; certPath?: string; sshAgent?: string }
  maxRunning: number
  maxQueued: number
  /** Runs that may wait or be under way, of one visitor and of one address; half of all without it. */
  maxQueuedPerVisitor?: number
  maxQueuedPerAddress?: number
  /** Runs, and files to format, that may be started. */
  rates: RunRates
  /** Exactly so many sandboxes wait for each language; without it as many as its use and the memory ask for. */
  warmSandboxes?: number
  /** The OCI runtime that starts sandboxes, such as "runsc"; without it crun where it works, else the engine's default. */
  runtime?: string
  /** Whose X-Forwarded-For and X-Forwarded-Host are believed. */
  trustProxy: TrustedHops
  retention: RetentionPolicy
  /** From the signal to stop until the process has ended, whatever is left undone. */
  stopMs: number
  logLevel: string
  /** Where Prometheus reads; without it nothing is counted. */
  metrics?: MetricsAddress
  /** Traces are sent; where to and how is read by OpenTelemetry itself, from its own variables. */
  traces: boolean
}

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
const yesOrNo = z
  .enum(['1', 'true', 'yes', '0', 'false', 'no'], 'must be true or false')
  .transform((word) => ['1', 'true', 'yes'].includes(word))
const collector = z.url({ protocol: /^https?$/, error: 'must be an address such as http://localhost:4318' })

const trustedHops = z.string().transform((text, context): TrustedHops => {
  const word = text.trim().toLowerCase()
  if (['0', 'false', 'no'].includes(word)) return { kind: 'nobody' }
  if (['true', 'yes'].includes(word)) return { kind: 'count', hops: 1 }
  if (/^[1-9]$/.test(word)) return { kind: 'count', hops: Number(word) }
  const ranges = word.split(',').map((part) => rangeOf(part.trim()))
  if (!ranges.includes(null)) return { kind: 'addresses', ranges: ranges as AddressRange[] }
  context.addIssue('must be true, false, a number of proxies up to 9, or their addresses, such as 10.0.0.0/8,::1')
  return z.NEVER
})

const Variables = z.object({
  NODE_ENV: z.string().optional(),
  PORT: whole(1, 65_535).optional(),
  HOST: z.string().optional(),
  BUGGHOST_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://bugs.example.org' })
    .refine((text) => isBare(text), 'must be an address without a path, such as https://bugs.example.org')
    .optional(),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be an address such as postgres://user:password@host:5432/name' })
    .optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be an address such as redis://user:password@host:6379/0' }).optional(),
  BUGGHOST_COOKIE_KEY: z
    .string()
    .regex(/^[\w-]{43}$/, 'must be 32 bytes in base64url: openssl rand -base64 32 | tr +/ -_ | tr -d = makes one')
    .transform((text) => new Uint8Array(Buffer.from(text, 'base64url')))
    .optional(),
  BUGGHOST_DATA_DIR: z.string().optional(),
  DOCKER_HOST: z.string().optional(),
  DOCKER_TLS_VERIFY: z.string().optional(),
  DOCKER_CERT_PATH: z.string().optional(),
  SSH_AUTH_SOCK: z.string().optional(),
  BUGGHOST_MAX_RUNNING: whole(1, 1000).optional(),
  BUGGHOST_MAX_QUEUED: whole(0, 100_000).optional(),
  BUGGHOST_MAX_QUEUED_PER_VISITOR: whole(1, 100_000).optional(),
  BUGGHOST_MAX_QUEUED_PER_ADDRESS: whole(1, 100_000).optional(),
  BUGGHOST_RUNS_PER_MINUTE: whole(1, 10_000_000).optional(),
  BUGGHOST_RUNS_PER_MINUTE_PER_ADDRESS: whole(1, 10_000_000).optional(),
  BUGGHOST_RUNS_PER_DAY_PER_ADDRESS: whole(1, 10_000_000).optional(),
  BUGGHOST_WARM_SANDBOXES: whole(0, 16).optional(),
  BUGGHOST_RUNTIME: z.string().optional(),
  BUGGHOST_TRUST_PROXY: trustedHops.optional(),
  BUGGHOST_KEEP_DAYS: whole(1, 36_500).optional(),
  BUGGHOST_KEEP_GB: z
    .string()
    .regex(/^\d{1,6}(\.\d+)?$/, 'must be a number of gigabytes, such as 20 or 0.5')
    .transform(Number)
    .optional(),
  BUGGHOST_KEEP_SHARED: yesOrNo.optional(),
  METRICS_PORT: whole(1, 65_535).optional(),
  METRICS_HOST: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
  OTEL_SDK_DISABLED: yesOrNo.optional(),
  BUGGHOST_STOP_SECONDS: whole(4, 3_600).optional(),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .optional(),
})

/** What nobody else may read. Each may be given as a file instead: DATABASE_URL_FILE=/run/secrets/database-url. */
const secrets = ['DATABASE_URL', 'REDIS_URL', 'BUGGHOST_COOKIE_KEY'] as const

const readText = (path: string): string => readFileSync(path, 'utf8')

/** Throws one error that lists everything that is wrong. A variable that is set to nothing counts as not set. */
export function parseEnv(
  variables: Record<string, string | undefined>,
  cores = availableParallelism(),
  readSecret: (path: string) => string = readText,
): Env {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()))
  const { given, problems } = secretsFromFiles(set, readSecret)
  const parsed = Variables.safeParse({ ...set, ...given })
  if (!parsed.success) problems.push(...parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`))
  if (!parsed.success || problems.length > 0) {
    throw new Error(`These environment variables cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  }
  const env = parsed.data
  const port = env.PORT ?? 3000
  return {
    dev: env.NODE_ENV !== 'production',
    port,
    host: env.HOST ?? '127.0.0.1',
    publicUrl: new URL(env.BUGGHOST_URL ?? `http://localhost:${port}`).origin,
    ...(env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : {}),
    ...(env.REDIS_URL ? { redisUrl: env.REDIS_URL } : {}),
    ...(env.BUGGHOST_COOKIE_KEY ? { cookieKey: env.BUGGHOST_COOKIE_KEY } : {}),
    dataDir: env.BUGGHOST_DATA_DIR ?? './data',
    engine: {
      ...(env.DOCKER_HOST ? { host: env.DOCKER_HOST } : {}),
      // Docker's own client takes any value at all as yes.
      ...(env.DOCKER_TLS_VERIFY ? { tlsVerify: true } : {}),
      ...(env.DOCKER_CERT_PATH ? { certPath: env.DOCKER_CERT_PATH } : {}),
      ...(env.SSH_AUTH_SOCK ? { sshAgent: env.SSH_AUTH_SOCK } : {}),
    },
    maxRunning: env.BUGGHOST_MAX_RUNNING ?? 2 * cores,
    maxQueued: env.BUGGHOST_MAX_QUEUED ?? 200,
    ...(env.BUGGHOST_MAX_QUEUED_PER_VISITOR === undefined ? {} : { maxQueuedPerVisitor: env.BUGGHOST_MAX_QUEUED_PER_VISITOR }),
    ...(env.BUGGHOST_MAX_QUEUED_PER_ADDRESS === undefined ? {} : { maxQueuedPerAddress: env.BUGGHOST_MAX_QUEUED_PER_ADDRESS }),
    rates: {
      // A run a second is more than a person presses Run, and as much as a small machine runs; an address may be a whole classroom.
      perMinuteOfVisitor: env.BUGGHOST_RUNS_PER_MINUTE ?? 60,
      perMinuteOfAddress: env.BUGGHOST_RUNS_PER_MINUTE_PER_ADDRESS ?? 300,
      perDayOfAddress: env.BUGGHOST_RUNS_PER_DAY_PER_ADDRESS ?? 10_000,
    },
    ...(env.BUGGHOST_WARM_SANDBOXES === undefined ? {} : { warmSandboxes: env.BUGGHOST_WARM_SANDBOXES }),
    ...(env.BUGGHOST_RUNTIME ? { runtime: env.BUGGHOST_RUNTIME } : {}),
    trustProxy: env.BUGGHOST_TRUST_PROXY ?? { kind: 'nobody' },
    retention: {
      ...(env.BUGGHOST_KEEP_DAYS === undefined ? {} : { keepDays: env.BUGGHOST_KEEP_DAYS }),
      ...(env.BUGGHOST_KEEP_GB === undefined ? {} : { keepBytes: env.BUGGHOST_KEEP_GB * 1e9 }),
      keepShared: env.BUGGHOST_KEEP_SHARED ?? true,
    },
    // `docker stop` kills after ten.
    stopMs: (env.BUGGHOST_STOP_SECONDS ?? 9) * 1000,
    logLevel: env.LOG_LEVEL ?? 'info',
    ...(env.METRICS_PORT === undefined ? {} : { metrics: { host: env.METRICS_HOST ?? '127.0.0.1', port: env.METRICS_PORT } }),
    traces:
      (env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined && env.OTEL_SDK_DISABLED !== true,
  }
}

function secretsFromFiles(set: Record<string, string | undefined>, readSecret: (path: string) => string) {
  const given: Record<string, string> = {}
  const problems: string[] = []
  for (const name of secrets) {
    const path = set[`${name}_FILE`]
    if (!path) continue
    if (set[name]) {
      problems.push(`${name} and ${name}_FILE are both set: keep one`)
      continue
    }
    try {
      // Editors and `echo` end a file with a line break.
      const text = readSecret(path).trim()
      if (text === '') problems.push(`${name}_FILE names ${path}, which is empty`)
      else given[name] = text
    } catch (error) {
      problems.push(`${name}_FILE names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
    }
  }
  return { given, problems }
}

function isBare(text: string): boolean {
  if (!URL.canParse(text)) return true // the address itself is reported as wrong
  const { pathname, search, hash, username, password } = new URL(text)
  return pathname === '/' && !search && !hash && !username && !password
}

/** What a web server is told. Throws as `parseEnv` does. */
export function parseServerEnv(variables: Record<string, string | undefined>, cores = availableParallelism()): Env {
  const env = parseEnv(variables, cores)
  if (env.redisUrl && !env.cookieKey) {
    throw new Error(
      'With REDIS_URL several servers answer the same visitors, so all must sign with one key. Set BUGGHOST_COOKIE_KEY (or BUGGHOST_COOKIE_KEY_FILE) to the same on each: openssl rand -base64 32 | tr +/ -_ | tr -d = makes one.',
    )
  }
  return env
}

/** What a worker is told. It sits beside hostile code, so what it has no use for it does not even take. */
export type WorkerEnv = Pick<
  Env,
  'dataDir' | 'engine' | 'maxRunning' | 'warmSandboxes' | 'runtime' | 'stopMs' | 'logLevel' | 'metrics' | 'traces'
> & {
  redisUrl: string
}

/** Throws an error with everything that is wrong, as `parseEnv` does. */
export function parseWorkerEnv(variables: Record<string, string | undefined>, cores = availableParallelism()): WorkerEnv {
  const { redisUrl, databaseUrl, ...env } = parseEnv(variables, cores)
  if (databaseUrl) {
    throw new Error('A worker must not be given DATABASE_URL: it runs hostile code, and never needs the database. Unset it.')
  }
  if (!redisUrl) {
    throw new Error(
      'A worker takes its runs from Redis. Set REDIS_URL to the one its web servers use: redis://user:password@host:6379',
    )
  }
  return { ...env, redisUrl }
}

export const readEnv = (): Env => parseServerEnv(process.env)
export const readWorkerEnv = (): WorkerEnv => parseWorkerEnv(process.env)
