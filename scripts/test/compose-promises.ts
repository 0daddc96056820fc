import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

// What our compose files promise to whoever starts them, each as a question that can be asked of any of them. What is asked of a service holds
// where it is; which services a file has is for its test to say.

const Names = z.union([z.array(z.string()), z.record(z.string(), z.unknown()).transform((map) => Object.keys(map))])
const Service = z.looseObject({
  image: z.string().optional(),
  user: z.string().optional(),
  privileged: z.boolean().default(false),
  read_only: z.boolean().default(false),
  init: z.boolean().default(false),
  restart: z.string().optional(),
  network_mode: z.string().optional(),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  networks: Names.default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.unknown()).default({}),
  healthcheck: z.looseObject({ test: z.union([z.string(), z.array(z.string())]) }).optional(),
  mem_limit: z.string().optional(),
  pids_limit: z.number().optional(),
  cpus: z.union([z.string(), z.number()]).optional(),
})
export const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().default(false) }).nullable()),
  volumes: z.record(z.string(), z.unknown()),
})
export type Compose = z.infer<typeof Compose>
type Service = z.infer<typeof Service>

export const readCompose = (path: string): Compose => Compose.parse(parse(readFileSync(path, 'utf8'), { merge: true }))

const engine = 'dind'
const clientCertificates = 'engine-client'
/** To the letter: a path that leads upwards leads out of this folder as well. */
const usersOfRedis = '../../redis/users.acl:/users.acl:ro'

/** Each gives what is broken, in a few words; nothing when it is kept. */
export const promises: Record<string, (compose: Compose) => string[]> = {
  'the engine is reached by mutual TLS and in no other way': ({ services }) => [
    ...each(services, ({ environment, healthcheck }, name) =>
      name === engine
        ? [
            ...told(environment.DOCKER_TLS_CERTDIR !== '/certs', 'makes no certificates'),
            ...told(!String(healthcheck?.test).includes('--tlsverify'), 'is asked for its health without TLS'),
          ]
        : [],
    ),
    ...told(/\b2375\b/.test(JSON.stringify(services)), 'there is a port without TLS'),
    ...each(services, ({ environment }) => {
      const { DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH } = environment
      if (DOCKER_HOST === undefined) return []
      return [
        ...told(DOCKER_HOST !== `tcp://${engine}:2376`, 'uses another engine'),
        ...told(DOCKER_TLS_VERIFY !== '1' || DOCKER_CERT_PATH !== '/certs/client', 'does not check who the engine is'),
      ]
    }),
  ],
  'the port of the engine is not published': ({ services }) => [
    ...each(services, ({ ports }, name) => told(name === engine && ports.length > 0, `publishes ${ports}`)),
    ...each(services, ({ network_mode }) => told(network_mode !== undefined, `is on the network of ${network_mode}`)),
  ],
  'the engine is on an internal network that only those with its certificate join, and goes out by one of its own': ({
    services,
    networks,
  }) => {
    const others = Object.entries(services).filter(([name]) => name !== engine)
    return networksOf(services[engine]).flatMap((network) => {
      const joined = others.filter(([, service]) => service.networks.includes(network))
      const strangers = joined.filter(([, service]) => !mounts(service, clientCertificates))
      const serves = joined.some(([, service]) => service.ports.length > 0)
      return [
        ...strangers.map(([name]) => `${name} is on ${network} and has no business there`),
        ...told(serves && !networks[network]?.internal, `${network} is not internal`),
      ]
    })
  },
  'the database is on an internal network, or by itself, with those alone that are given its address': ({ services, networks }) =>
    networksOf(services.postgres).flatMap((network) => [
      ...told(!networks[network]?.internal && !isPrivate(services.postgres), `${network} is not internal`),
      ...each(services, (service, name) =>
        told(
          name !== 'postgres' && service.networks.includes(network) && !service.environment.DATABASE_URL,
          `is on ${network} and has no business there`,
        ),
      ),
    ]),
  'nothing is privileged but the engine': ({ services }) =>
    each(services, ({ privileged, cap_add, security_opt, pid, ipc, devices }, name) =>
      name === engine
        ? []
        : [
            ...told(privileged, 'is privileged'),
            ...cap_add.map((one) => `is given ${one}`),
            ...security_opt.filter((one) => /unconfined/.test(one)).map((one) => `has ${one}`),
            ...told(pid !== undefined || ipc !== undefined || devices !== undefined, "is given something of the machine's"),
          ],
    ),
  'everything but the engine is nobody, can become nobody else, and changes nothing of its system': ({ services }) =>
    each(services, (service, name) =>
      name === engine
        ? []
        : [
            ...told(!/^[1-9]\d*:[1-9]\d*$/.test(service.user ?? ''), `runs as ${service.user ?? 'whoever its image says'}`),
            ...told(!service.read_only, 'may write to its root'),
            ...told(service.cap_drop.join() !== 'ALL', 'keeps capabilities'),
            ...told(!service.security_opt.includes('no-new-privileges:true'), 'may gain privileges'),
          ],
    ),
  "nothing of this machine's is mounted but the rules of Redis to be read, its engine's socket least of all": ({
    services,
    volumes,
  }) =>
    each(services, (service) =>
      service.volumes.filter((volume) => !((volume.split(':')[0] ?? '') in volumes) && volume !== usersOfRedis),
    ).map((problem) => `${problem} is mounted`),
  "the engine's own keys stay with it, and its clients cannot change theirs": ({ services }) =>
    each(services, (service, name) =>
      name === engine
        ? told(!mounts(service, 'engine-ca') || !mounts(service, clientCertificates), 'does not keep its certificates')
        : [
            ...told(mounts(service, 'engine-ca') || mounts(service, 'engine'), 'is given what is the engine’s'),
            ...service.volumes.filter((volume) => volume.startsWith(`${clientCertificates}:`) && !volume.endsWith(':ro')),
          ],
    ),
  'no secret has a value here': ({ services }) =>
    each(services, ({ environment }) =>
      Object.entries(environment).flatMap(([variable, value]) => {
        const text = value ?? ''
        const password = /^\w+:\/\/[^/]*?:(.*)@[^@]*$/s.exec(text)?.[1]
        return [
          ...told(/PASSWORD$|SECRET|TOKEN|_KEY$/.test(variable) && !isAskedFor(text), `${variable} is ${text}`),
          ...told(password !== undefined && !isAskedFor(password), `${variable} holds a password`),
        ]
      }),
    ),
  'what has to be set is asked for in a sentence': ({ services }) => {
    const questions = [...JSON.stringify(services).matchAll(/\$\{(\w+):?\?([^}]*)\}/g)]
    return [
      ...each(services, ({ environment }) =>
        Object.entries(environment)
          .filter(
            ([variable, value]) =>
              /(PASSWORD|_URL)$/.test(variable) && !/^BUGGHOST/.test(variable) && !/\$\{\w+:\?/.test(value ?? ''),
          )
          .map(([variable]) => `${variable} is asked of nobody`),
      ),
      ...questions.filter(([, , sentence]) => !/^[A-Z].*\.$/.test(sentence ?? '')).map(([, variable]) => `${variable} is not`),
    ]
  },
  'every image is pinned by a tag': ({ services }) =>
    each(services, ({ image }) => told(!/^[^:]+:(?!latest)\S+$/.test(image ?? ''), `is ${image ?? 'without a name'}`)),
  'what keeps running says how it is, ends in its time, and comes back': ({ services }) =>
    each(services, ({ restart, healthcheck, stop_grace_period }) =>
      restart === 'no'
        ? []
        : [
            ...told(healthcheck === undefined, 'says nothing of its health'),
            ...told(stop_grace_period === undefined, 'is given no time to end'),
            ...told(restart !== 'unless-stopped', 'does not come back'),
          ],
    ),
  'nothing can use up the machine': ({ services }) =>
    each(services, ({ mem_limit, pids_limit, cpus }, name) => [
      ...told(!mem_limit, 'may use all memory'),
      ...told(!pids_limit, 'may start processes without end'),
      ...told(name === engine && !cpus, 'may use all processors'),
    ]),
  'it listens to this machine alone until told otherwise': ({ services }) =>
    each(services, ({ ports }) =>
      ports.filter((port) => !port.startsWith(`\${HOST:-127.0.0.1}:`) && !isAskedWhere(port)).map((port) => `publishes ${port}`),
    ),
}

/** Published at an address that has to be told. */
const isAskedWhere = (port: string): boolean => port.startsWith(`\${PRIVATE_ADDRESS:?`)
const isPrivate = (service: Service | undefined): boolean =>
  (service?.ports ?? []).length > 0 && service!.ports.every(isAskedWhere)

/** A service that names none is on that of all. */
const networksOf = (service: Service | undefined): string[] =>
  service && service.networks.length === 0 ? ['default'] : (service?.networks ?? [])

function each(services: Record<string, Service>, problems: (service: Service, name: string) => string[]): string[] {
  return Object.entries(services).flatMap(([name, service]) => problems(service, name).map((problem) => `${name}: ${problem}`))
}

const told = (isBroken: boolean, problem: string): string[] => (isBroken ? [problem] : [])

const mounts = (service: Service, volume: string): boolean => service.volumes.some((one) => one.startsWith(`${volume}:`))

/** A variable without a default, or with an empty one. */
const isAskedFor = (text: string): boolean => /^\$\{\w+(:?\?[^}]*|:?-)?\}$/.test(text)
