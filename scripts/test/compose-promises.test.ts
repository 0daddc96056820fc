import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { offlineImages } from '../offline-images.mjs'
import { type Compose, promises, readCompose } from './compose-promises.ts'

const root = join(import.meta.dirname, '../..')
const files = {
  'docker-compose.yml': ['app', 'dind', 'postgres', 'sandbox-images'],
  'deploy/machines/bugghost-data/docker-compose.yml': ['postgres', 'redis'],
  'deploy/machines/bugghost-web/docker-compose.yml': ['app'],
  'deploy/machines/bugghost-worker/docker-compose.yml': ['dind', 'sandbox-images', 'worker'],
}
const read = (path = 'docker-compose.yml'): Compose => readCompose(join(root, path))
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

describe.each(Object.entries(files))('%s', (path, services) => {
  test(`has ${services}`, () => expect(Object.keys(read(path).services).sort()).toEqual(services))
  test.each(Object.entries(promises))('keeps its promise that %s', (_, broken) => expect(broken(read(path))).toEqual([]))
})

describe('the same service in two files is the same but for', () => {
  const one = read()
  const [data, web, worker] = Object.keys(files)
    .slice(1)
    .map((path) => read(path))
  /** What is left of a service without what may differ. */
  const without = (service: Compose['services'][string] | undefined, ...names: string[]) =>
    Object.fromEntries(Object.entries(service ?? {}).filter(([name]) => !names.includes(name)))
  test('how PostgreSQL is reached', () =>
    expect(without(data?.services.postgres, 'networks', 'ports')).toEqual(without(one.services.postgres, 'networks', 'ports')))
  test('nothing, for the engine', () => expect(worker?.services.dind).toEqual(one.services.dind))
  test('where the images are built from', () =>
    expect(without(worker?.services['sandbox-images'], 'build')).toEqual(without(one.services['sandbox-images'], 'build')))
  test('what a web server has no use for', () => {
    const differs = ['build', 'depends_on', 'networks', 'volumes', 'environment'] as const
    expect(without(web?.services.app, ...differs)).toEqual(without(one.services.app, ...differs))
    const ofItsOwn = ['DATABASE_URL', 'REDIS_URL', 'BUGGHOST_COOKIE_KEY']
    const shared = Object.entries(web?.services.app?.environment ?? {}).filter(([name]) => !ofItsOwn.includes(name))
    expect(Object.entries(one.services.app?.environment ?? {})).toEqual(expect.arrayContaining(shared))
  })
})

/** As README.md lists them. */
const settings = [...(/^## Settings\n(.*?)^## /ms.exec(textOf('README.md'))?.[1] ?? '').matchAll(/^\| (`.*?`) \|/gm)]
  .flatMap(([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name))
  // What a container's own file system and the engine beside it decide.
  .filter((name) => !/_FILE$|^DOCKER_|^(HOST|BUGGHOST_DATA_DIR|METRICS_HOST)$/.test(name))
const ofWhoeverRunsPrograms = ['BUGGHOST_MAX_RUNNING', 'BUGGHOST_WARM_SANDBOXES', 'BUGGHOST_RUNTIME']

test.each([
  ['docker-compose.yml', 'app', settings.filter((name) => name !== 'REDIS_URL')],
  ['deploy/machines/bugghost-web/docker-compose.yml', 'app', settings.filter((name) => !ofWhoeverRunsPrograms.includes(name))],
  [
    'deploy/machines/bugghost-worker/docker-compose.yml',
    'worker',
    [...ofWhoeverRunsPrograms, 'REDIS_URL', 'BUGGHOST_STOP_SECONDS', 'LOG_LEVEL', 'METRICS_PORT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ],
])('%s hands every setting of %s on', (path, service, names) => {
  expect(names.length).toBeGreaterThan(5)
  expect(Object.keys(read(path).services[service]?.environment ?? {})).toEqual(expect.arrayContaining(names))
})

test('a worker is told nothing of the database', () => {
  expect(textOf('deploy/machines/bugghost-worker/docker-compose.yml')).not.toMatch(/DATABASE_URL|POSTGRES|COOKIE/)
})

/** A file that is like ours but for one thing. */
function butFor(change: (services: Record<string, Compose['services'][string]>, compose: Compose) => void): Compose {
  const compose = read()
  change(compose.services, compose)
  return compose
}
const env = (service: string, variable: string, value: string) =>
  butFor((services) => {
    services[service]!.environment[variable] = value
  })
const set = (service: string, changes: object) => butFor((services) => void Object.assign(services[service]!, changes))

test.each<[string, Compose, keyof typeof promises]>([
  [
    'an engine without certificates',
    env('dind', 'DOCKER_TLS_CERTDIR', ''),
    'the engine is reached by mutual TLS and in no other way',
  ],
  ['a client without TLS', env('app', 'DOCKER_TLS_VERIFY', ''), 'the engine is reached by mutual TLS and in no other way'],
  ['a client on 2375', env('app', 'DOCKER_HOST', 'tcp://dind:2375'), 'the engine is reached by mutual TLS and in no other way'],
  ['a published engine', set('dind', { ports: ['127.0.0.1:2376:2376'] }), 'the port of the engine is not published'],
  ["an engine on the machine's network", set('dind', { network_mode: 'host' }), 'the port of the engine is not published'],
  [
    'a stranger beside the engine',
    set('postgres', { networks: ['database', 'engine'] }),
    'the engine is on an internal network that only those with its certificate join, and goes out by one of its own',
  ],
  [
    'the app on the way out of the engine',
    set('app', { networks: ['edge', 'downloads'] }),
    'the engine is on an internal network that only those with its certificate join, and goes out by one of its own',
  ],
  [
    'an engine network that is open',
    butFor((_, { networks }) => void Object.assign(networks, { engine: { internal: false } })),
    'the engine is on an internal network that only those with its certificate join, and goes out by one of its own',
  ],
  [
    'a database the engine can reach',
    set('dind', { networks: ['engine', 'database'] }),
    'the database is on an internal network, or by itself, with those alone that are given its address',
  ],
  [
    'a database that is published',
    butFor(({ postgres }, { networks }) => {
      Object.assign(networks, { database: null })
      postgres!.ports = [`\${HOST:-127.0.0.1}:5432:5432`]
    }),
    'the database is on an internal network, or by itself, with those alone that are given its address',
  ],
  ['a privileged app', set('app', { privileged: true }), 'nothing is privileged but the engine'],
  ['an app with a capability', set('app', { cap_add: ['SYS_ADMIN'] }), 'nothing is privileged but the engine'],
  [
    'root',
    set('app', { user: '0:0' }),
    'everything but the engine is nobody, can become nobody else, and changes nothing of its system',
  ],
  [
    'a root that can be written to',
    set('postgres', { read_only: false }),
    'everything but the engine is nobody, can become nobody else, and changes nothing of its system',
  ],
  [
    "the machine's socket",
    set('app', { volumes: ['/var/run/docker.sock:/var/run/docker.sock'] }),
    "nothing of this machine's is mounted but the rules of Redis to be read, its engine's socket least of all",
  ],
  [
    "the engine's keys in the app",
    set('app', { volumes: ['engine-ca:/certs/ca:ro'] }),
    "the engine's own keys stay with it, and its clients cannot change theirs",
  ],
  ['a known password', env('postgres', 'POSTGRES_PASSWORD', 'postgres'), 'no secret has a value here'],
  [
    'a password with a known default',
    env('postgres', 'POSTGRES_PASSWORD', `\${POSTGRES_PASSWORD:-postgres}`),
    'no secret has a value here',
  ],
  [
    'an address with a known password',
    env('app', 'DATABASE_URL', 'postgres://bugghost:bugghost@postgres/bugghost'),
    'no secret has a value here',
  ],
  [
    'a secret nobody asks for',
    butFor((services) => {
      services.app!.environment.DATABASE_URL = services.postgres!.environment.POSTGRES_PASSWORD = `\${POSTGRES_PASSWORD}`
    }),
    'what has to be set is asked for in a sentence',
  ],
  ['an image of whatever day', set('postgres', { image: 'postgres:latest' }), 'every image is pinned by a tag'],
  ['an image without a tag', set('postgres', { image: 'postgres' }), 'every image is pinned by a tag'],
  [
    'a service without a health',
    set('app', { healthcheck: undefined }),
    'what keeps running says how it is, ends in its time, and comes back',
  ],
  ['an engine without limits', set('dind', { mem_limit: undefined }), 'nothing can use up the machine'],
  [
    'rules of Redis that can be written to',
    set('app', { volumes: ['../../redis/users.acl:/users.acl'] }),
    "nothing of this machine's is mounted but the rules of Redis to be read, its engine's socket least of all",
  ],
  [
    "the machine's socket by a way out of this folder",
    set('app', { volumes: ['../../../../var/run/docker.sock:/var/run/docker.sock:ro'] }),
    "nothing of this machine's is mounted but the rules of Redis to be read, its engine's socket least of all",
  ],
  ['a port that is open to all', set('app', { ports: ['3000:3000'] }), 'it listens to this machine alone until told otherwise'],
])('%s would be noticed', (_, compose, promise) => expect(promises[promise]!(compose)).not.toEqual([]))

test.each(Object.keys(files))('the example of an .env beside %s sets no secret', (path) => {
  const values = textOf(join(dirname(path), '.env.example')).matchAll(/^#?(\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*)=(.*)$/gm)
  expect([...values].filter(([, , value]) => value !== '').map(([line]) => line)).toEqual([])
})

test('every image a registry is asked for can also be made without one', () => {
  const services = Object.keys(files).flatMap((path) => Object.values(read(path).services))
  const stages = [...textOf('Dockerfile').matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)]
  const names = new Set(stages.map(([, , name]) => name))
  const asked = [
    ...services.filter((service) => !('build' in service)).map(({ image }) => image),
    ...stages.map(([, image]) => image).filter((image) => !names.has(image)),
  ]
  const made = offlineImages.map(({ name }) => name)
  expect(asked.filter((image) => !made.includes(image ?? ''))).toEqual([])
})

test('the images that run know for themselves that they are nobody', () => {
  const stages = textOf('Dockerfile')
    .split(/^FROM /m)
    .filter((stage) => /^(CMD|ENTRYPOINT)/m.test(stage))
  expect(stages.length).toBe(2)
  for (const stage of stages) expect(stage).toMatch(/^USER 10001:10001$/m)
})
