// What a test of our compose files stands on: an engine, its images, and a copy of what git knows.

import { once } from 'node:events'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'

import { makeOfflineImages, missingImages } from '../../offline-images.mjs'
import { ensureChromium } from '../../setup/chromium.mjs'
import { aptInstall, debianHere } from '../../setup/debian.mjs'
import { ensureEngine } from '../../setup/docker-engine.mjs'
import { run } from '../../setup/program.mjs'
import { scratchFolder } from '../../setup/scratch.mjs'
import { root, setUpTools } from '../../setup.mjs'

/**
 * @param {import('../../setup/say.mjs').Say} say
 * @returns the ground, or null when something is missing, which has been said. `remove` takes away what it is made of.
 */
export async function prepareGround(say) {
  const { node, env: ofTools } = await setUpTools(say)
  const engine = await ensureEngine(root, { installDocker: false }, say)
  const chromium = await ensureChromium({ installAllowed: false }, say)
  if (!engine || !chromium) return null
  const compose = await findCompose(engine.env, say)
  if (!compose) return null
  const images = await ensureImages({ node, engine }, say)
  if (!images) return null
  const checkout = await scratchFolder('compose')
  await copyWhatGitKnows(checkout.path)
  const nested = !(await privilegedStarts(engine))
  if (nested) say.line('Privileged containers do not start here: the engine inside gets its capabilities one by one.')
  const wrapper = join(checkout.path, '.bin')
  await provide(wrapper, compose)
  return {
    node,
    chromium,
    checkout: checkout.path,
    /** The name of what is made here. */
    tag: `bgcompose-${process.pid}`,
    /** What our own programs get. */
    tools: ofTools,
    /** What `docker` gets. */
    engine: engine.env,
    /** What is typed gets. */
    shell: {
      ...engine.env,
      PATH: [wrapper, ofTools.PATH].join(delimiter),
      // Without buildx its name alone is an error.
      ...((await succeeds('docker', ['buildx', 'version'], engine.env)) ? {} : { DOCKER_BUILDKIT: '0' }),
    },
    /** They change the service `dind`, where its real settings do not start. */
    overrides: nested ? [join(checkout.path, 'scripts/test/nested-engine/compose.yml')] : [],
    async remove() {
      if (images.made.length > 0)
        await run('docker', ['image', 'rm', ...images.made.reverse()], { env: engine.env, deadlineMs: 5 * 60_000 })
      checkout.remove()
    },
  }
}

/** @typedef {NonNullable<Awaited<ReturnType<typeof prepareGround>>>} Ground */

/** `docker compose` as a plugin, or the older program of its own. @returns {Promise<string | null>} how it is called */
async function findCompose(env, say) {
  if (await succeeds('docker', ['compose', 'version'], env)) return 'docker compose'
  if (await succeeds('docker-compose', ['version'], env)) return 'docker-compose'
  const debian = await debianHere({ installAllowed: false })
  if (
    debian &&
    (await aptInstall(debian, { needed: ['docker-compose'] }, 'Installing docker-compose from the distribution', say))
  )
    return (await succeeds('docker', ['compose', 'version'], env)) ? 'docker compose' : 'docker-compose'
  say.warn('There is neither `docker compose` nor `docker-compose` here.\nInstall one of them and start again.')
  return null
}

async function succeeds(command, args, env) {
  return (await run(command, args, { env, deadlineMs: 30_000 })).ok
}

/** Pulled as `docker compose up` would pull them, or made where no registry answers. */
async function ensureImages({ node, engine }, say) {
  if ((await missingImages(engine)).length === 0) return { made: [] }
  const noAnswer = AbortSignal.timeout(45_000)
  const pulled = await run('docker', ['pull', 'debian:trixie-slim'], {
    env: engine.env,
    deadlineMs: 10 * 60_000,
    signal: noAnswer,
  })
  if (pulled.ok) return { made: [] }
  say.line('No registry answers, so what it would give is made here, as `npm run images:offline` does it.')
  const { made, missing } = await makeOfflineImages({ node, engine, installAllowed: false }, say)
  return missing.length > 0 ? null : { made }
}

async function copyWhatGitKnows(to) {
  const { ok, why, lines } = await listed('git', [
    '-c',
    'core.quotePath=false',
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
  ])
  if (!ok) throw new Error(`git ls-files: ${why}`)
  for (const path of lines) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    // What was deleted and not committed yet is still listed.
    await copyFile(join(root, path), join(to, path)).catch((error) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
}

/** All of its lines, where `run` keeps the last. */
async function listed(command, args) {
  const lines = []
  const { ok, why } = await run(command, args, { cwd: root, deadlineMs: 60_000, onLine: (line) => lines.push(line) })
  return { ok, why, lines }
}

/** Makes `docker compose` mean what was found, for commands that are typed as README.md has them. */
async function provide(folder, compose) {
  await mkdir(folder, { recursive: true })
  if (compose === 'docker compose') return
  const { lines } = await run('sh', ['-c', 'command -v docker'], { deadlineMs: 10_000 })
  const script = `#!/bin/sh\nif [ "$1" = compose ]; then shift; exec docker-compose "$@"; fi\nexec ${lines[0]} "$@"\n`
  await writeFile(join(folder, 'docker'), script)
  await chmod(join(folder, 'docker'), 0o755)
}

async function privilegedStarts({ env }) {
  const args = ['run', '--rm', '--privileged', '--network', 'none', '--entrypoint', 'true', 'debian:trixie-slim']
  return (await run('docker', args, { env, deadlineMs: 60_000 })).ok
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}
