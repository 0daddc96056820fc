import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerOptions, type EngineAddress } from './engine-address.ts'

test.each<[string, EngineAddress, object]>([
  ['unix:///run/user/1000/docker.sock', {}, { socketPath: '/run/user/1000/docker.sock' }],
  ['npipe:////./pipe/docker_engine', {}, { socketPath: '//./pipe/docker_engine' }],
  ['tcp://engine:2375', {}, { protocol: 'http', host: 'engine', port: 2375 }],
  ['tcp://engine', {}, { protocol: 'http', host: 'engine', port: 2375 }],
  ['http://10.0.0.1:4243', {}, { protocol: 'http', host: '10.0.0.1', port: 4243 }],
  [
    'ssh://ada@machine:2222',
    { sshAgent: '/tmp/agent' },
    { protocol: 'ssh', host: 'machine', port: 2222, username: 'ada', sshOptions: { agent: '/tmp/agent' } },
  ],
  ['ssh://machine', {}, { protocol: 'ssh', host: 'machine', port: 22, username: 'root', sshOptions: { agent: undefined } }],
])('%s is an address', (host, more, options) => {
  expect(dockerOptions({ host, ...more })).toEqual(options)
})

test.runIf(process.platform !== 'win32').each([undefined, ''])('without one (%j) it is the usual socket', (host) => {
  expect(dockerOptions({ host })).toEqual({ socketPath: '/var/run/docker.sock' })
})

test.each<[string, EngineAddress, number]>([
  ['tcp and DOCKER_TLS_VERIFY', { host: 'tcp://engine', tlsVerify: true }, 2376],
  ['https', { host: 'https://engine' }, 2376],
  ['a port of its own', { host: 'tcp://engine:4000', tlsVerify: true }, 4000],
])('%s is TLS with the certificates of the folder', async (_, address, port) => {
  const certPath = await mkdtemp(join(tmpdir(), 'engine-address-'))
  try {
    for (const name of ['ca', 'cert', 'key']) await writeFile(join(certPath, `${name}.pem`), name)
    expect(dockerOptions({ ...address, certPath })).toEqual({
      protocol: 'https',
      host: 'engine',
      port,
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
    })
  } finally {
    await rm(certPath, { recursive: true })
  }
})

test.each<[string, EngineAddress, string]>([
  ['is no address', { host: '/var/run/docker.sock' }, 'Examples: unix:///var/run/docker.sock'],
  ['is of an unknown kind', { host: 'ftp://engine' }, 'Known: unix, npipe, tcp, ssh'],
  ['wants TLS without certificates', { host: 'tcp://engine', tlsVerify: true }, 'DOCKER_CERT_PATH'],
])('one that %s is refused, with what to write instead', (_, address, words) => {
  expect(() => dockerOptions(address)).toThrow(words)
})

test('TLS is never left out because a certificate is missing', async () => {
  const certPath = await mkdtemp(join(tmpdir(), 'engine-address-'))
  try {
    expect(() => dockerOptions({ host: 'tcp://engine', tlsVerify: true, certPath })).toThrow('ca.pem')
  } finally {
    await rm(certPath, { recursive: true })
  }
})
