import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DockerOptions } from 'dockerode'

/** As in Docker's own environment variables. */
export type EngineAddress = {
  host?: string | undefined
  tlsVerify?: boolean | undefined
  certPath?: string | undefined
  /** The ssh agent's socket (SSH_AUTH_SOCK), for ssh:// addresses. */
  sshAgent?: string | undefined
}

/** DOCKER_HOST in any of its forms (unix, npipe, tcp, tcp with TLS, ssh), as dockerode takes it. Throws when it cannot be understood. */
export function dockerOptions({ host, tlsVerify, certPath, sshAgent }: EngineAddress): DockerOptions {
  if (!host)
    return process.platform === 'win32' ? { socketPath: '//./pipe/docker_engine' } : { socketPath: '/var/run/docker.sock' }
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) }
  if (host.startsWith('npipe://')) return { socketPath: host.slice('npipe://'.length) }
  if (!URL.canParse(host))
    throw new Error(
      `DOCKER_HOST "${host}" is no address. Examples: unix:///var/run/docker.sock, tcp://engine:2376, ssh://me@machine`,
    )
  const url = new URL(host)
  switch (url.protocol) {
    case 'ssh:':
      return {
        protocol: 'ssh',
        host: url.hostname,
        port: Number(url.port || 22),
        username: decodeURIComponent(url.username) || 'root',
        sshOptions: { agent: sshAgent },
      } as DockerOptions
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const secure = tlsVerify || url.protocol === 'https:'
      if (secure && !certPath)
        throw new Error('DOCKER_TLS_VERIFY needs DOCKER_CERT_PATH: the folder with ca.pem, cert.pem and key.pem')
      return {
        protocol: secure ? 'https' : 'http',
        host: url.hostname,
        port: Number(url.port || (secure ? 2376 : 2375)),
        ...(secure && certPath
          ? {
              ca: readFileSync(join(certPath, 'ca.pem')),
              cert: readFileSync(join(certPath, 'cert.pem')),
              key: readFileSync(join(certPath, 'key.pem')),
            }
          : {}),
      }
    }
    default:
      throw new Error(`DOCKER_HOST "${host}" is of a kind that is not known here. Known: unix, npipe, tcp, ssh`)
  }
}

/** Whether the engine's memory is this machine's: a socket may also lead into a virtual machine, which only Linux does without. */
export const isOnThisMachine = ({ host }: EngineAddress): boolean => !host || host.startsWith('unix://')
