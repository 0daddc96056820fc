// Does a Docker engine answer, and if none does, can one be had.

import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { aptInstall, debianHere } from './debian.mjs'
import { environment, setting } from './env.mjs'
import { run } from './program.mjs'

/**
 * An engine that answers. `arch` as Go calls it (amd64, arm64); `env` is what programs that talk to it are started with.
 * @typedef {{ state: 'ready', version: string, arch: string, env: NodeJS.ProcessEnv }} ReadyEngine
 * @typedef {ReadyEngine | { state: 'silent' | 'refused' | 'no-cli', message: string }} Engine
 */

/**
 * @param {string} root
 * @param {{ installDocker: boolean }} options
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<ReadyEngine | null>} null when none can be had; what to do about it has been said
 */
export async function ensureEngine(root, { installDocker }, say) {
  let engine = await probe()
  if (engine.state === 'ready') return engine

  if (setting('DOCKER_HOST')) {
    const advice =
      engine.state === 'silent'
        ? `${engine.message}\nStart that engine, or unset DOCKER_HOST to use this machine's own.`
        : adviceOn(engine)
    say.warn(`No Docker engine answers at DOCKER_HOST=${setting('DOCKER_HOST')}: ${advice}`)
    return null
  }
  const debian = engine.state === 'refused' ? null : await debianHere({ installAllowed: installDocker })
  if (!debian) {
    say.warn(adviceOn(engine))
    return null
  }
  if (engine.state === 'no-cli' || !daemonInstalled()) {
    // The daemon's package has the command line in it, except where that is a package of its own.
    const packages = { needed: ['docker.io'], ifKnown: engine.state === 'no-cli' ? ['docker-cli'] : [] }
    if (!(await aptInstall(debian, packages, 'Installing Docker from the distribution', say))) return null
    engine = await probe()
    if (engine.state === 'ready') return engine
  }
  return startDaemon(root, debian, say)
}

/** @returns {Promise<Engine>} */
async function probe() {
  const env = await environmentOfContext()
  const asked = await run('docker', ['version', '--format', '{{.Server.Version}} {{.Server.Arch}}'], { env, deadlineMs: 20_000 })
  if (asked.missing) return { state: 'no-cli', message: asked.why }
  const answer = asked.lines.map((line) => /^(\S+) (\S+)$/.exec(line)).find(Boolean)
  if (asked.ok && answer) return { state: 'ready', version: answer[1] ?? '', arch: answer[2] ?? '', env }
  const message = asked.lines.filter((line) => line.trim() !== '').at(-1) ?? asked.why
  return { state: /permission denied/i.test(message) ? 'refused' : 'silent', message }
}

/**
 * The command line may have been told of another engine by `docker context use` (Docker Desktop, colima, rootless).
 * The server knows only DOCKER_HOST, so it is told in those words.
 */
async function environmentOfContext() {
  if (setting('DOCKER_HOST')) return environment
  const asked = await run('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], { deadlineMs: 10_000 })
  const host = asked.ok ? asked.lines.find((line) => /^(unix|npipe|tcp|ssh):\/\//.test(line)) : undefined
  return host && host !== 'unix:///var/run/docker.sock' ? { ...environment, DOCKER_HOST: host } : environment
}

/** @param {Exclude<Engine, ReadyEngine>} engine @returns {string} what is wrong, and on the next line what to do */
function adviceOn(engine) {
  switch (engine.state) {
    case 'no-cli':
      return 'There is no docker command here.\nInstall Docker (on Debian and Ubuntu `npm start -- --install-docker` does it) and start again.'
    case 'refused':
      return `The Docker engine refuses this user: ${engine.message}\nBecome a member of its group (\`sudo usermod -aG docker $USER\`, then log in again) or run as root.`
    case 'silent':
      return `${engine.message}\nStart it, set DOCKER_HOST to one that runs, or on Debian and Ubuntu let \`npm start -- --install-docker\` set one up.`
  }
}

/** A docker command says nothing about a daemon: it may have come alone. */
function daemonInstalled() {
  return ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd', '/sbin/dockerd'].some((path) => existsSync(path))
}

/**
 * @param {string} root
 * @param {import('./debian.mjs').Debian} debian
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<ReadyEngine | null>}
 */
async function startDaemon(root, debian, say) {
  const step = say.step('Starting the Docker engine')
  const tried = []
  const attempt = async (command) => {
    const [program, ...args] = debian.asRoot(command)
    const { ok, why, lines } = await run(program, args, { deadlineMs: 60_000 })
    tried.push(`${command.join(' ')}: ${ok ? 'started' : why}`, ...(ok ? [] : lines.slice(-3)))
    return ok
  }
  const byService = existsSync('/run/systemd/system')
    ? await attempt(['systemctl', 'start', 'docker'])
    : existsSync('/etc/init.d/docker') && (await attempt(['service', 'docker', 'start']))
  let engine = byService ? await answerWithin(20_000) : await probe()
  if (engine.state === 'silent') {
    // In a container there is often no service manager, or one whose script wants what a container may not do.
    const log = process.getuid?.() === 0 ? '/var/log/bugghost-dockerd.log' : join(root, 'data', 'dockerd.log')
    const daemon = await spawnDaemon(debian, log)
    engine = await answerWithin(60_000, daemon.gone)
    if (engine.state !== 'ready') tried.push(`dockerd: ${engine.message}`, ...(await lastLines(log)))
  }
  if (engine.state === 'ready') {
    step.done(`version ${engine.version} answers`)
    return engine
  }
  step.failed(engine.message, tried)
  say.warn(adviceOn(engine))
  return null
}

/** @param {import('./debian.mjs').Debian} debian @param {string} log */
async function spawnDaemon(debian, log) {
  await mkdir(join(log, '..'), { recursive: true })
  const file = openSync(log, 'w')
  const [program, ...args] = debian.asRoot(['dockerd'])
  // Detached: it serves the whole machine and outlives this program.
  const daemon = spawn(program, args, { detached: true, stdio: ['ignore', file, file] })
  const gone = new AbortController()
  daemon.once('error', () => gone.abort())
  daemon.once('exit', () => gone.abort())
  daemon.unref()
  return { gone: gone.signal }
}

/** @param {number} ms @param {AbortSignal} [pointless] no answer is to be hoped for any more @returns {Promise<Engine>} */
async function answerWithin(ms, pointless) {
  const deadline = performance.now() + ms
  let engine = await probe()
  while (engine.state === 'silent' && performance.now() < deadline && !pointless?.aborted) {
    await sleep(300)
    engine = await probe()
  }
  return engine
}

/** @param {string} log */
async function lastLines(log) {
  const text = await readFile(log, 'utf8').catch((error) => `${log} cannot be read: ${error.message}`)
  return text.trimEnd().split('\n').slice(-15)
}
