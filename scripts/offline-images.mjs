// `npm run images:offline`: makes the images docker-compose.yml names, where no registry can be reached, from Debian's packages
// and npm's. What the engine has already is left as it is.

import { existsSync } from 'node:fs'
import { chmod, copyFile, cp, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { ensureBaseImage } from './setup/base-image.mjs'
import { ensureEngine } from './setup/docker-engine.mjs'
import { setting } from './setup/env.mjs'
import { ensureNode24 } from './setup/node24.mjs'
import { npmBy, run } from './setup/program.mjs'
import { createSay } from './setup/say.mjs'
import { scratchFolder } from './setup/scratch.mjs'
import { root } from './setup.mjs'

/** In the order in which they are made. `from` names the folder under deploy/offline/; without it Debian is bootstrapped. */
export const offlineImages = [
  { name: 'debian:trixie-slim' },
  { name: 'debian:bookworm-slim' },
  { name: 'node:24-trixie-slim', from: 'node' },
  { name: 'docker:27-dind', from: 'docker-dind' },
  { name: 'postgres:17', from: 'postgres' },
  { name: 'redis:8', from: 'redis' },
]

/**
 * @param {{ node: string, engine: import('./setup/docker-engine.mjs').ReadyEngine, installAllowed: boolean }} ground
 * @param {import('./setup/say.mjs').Say} say
 * @returns {Promise<{ made: string[], missing: string[] }>} by name; why one is missing has been said
 */
export async function makeOfflineImages(ground, say) {
  const made = []
  for (const { name, from } of offlineImages) {
    if (await isThere(name, ground.engine)) continue
    const ok = from ? await build(name, from, ground, say) : await ensureBaseImage(name, ground.engine, ground, say)
    // What comes after stands on it.
    if (!ok) return { made, missing: await missingImages(ground.engine) }
    made.push(name)
  }
  return { made, missing: [] }
}

/** @param {import('./setup/docker-engine.mjs').ReadyEngine} engine @returns {Promise<string[]>} */
export async function missingImages(engine) {
  const missing = []
  for (const { name } of offlineImages) if (!(await isThere(name, engine))) missing.push(name)
  return missing
}

async function isThere(name, { env }) {
  return (await run('docker', ['image', 'inspect', '--format', '{{.Id}}', name], { env, deadlineMs: 30_000 })).ok
}

async function build(name, folder, { node, engine }, say) {
  const step = say.step(`Making ${name}`)
  const { path, remove } = await scratchFolder(folder)
  try {
    await cp(join(root, 'deploy', 'offline', folder), path, { recursive: true })
    if (folder === 'node') await bringNode(path, node)
    const args = ['build', '--tag', name, '--label', 'bugghost.made-by=images:offline', path]
    // The old builder takes the base image the engine has; BuildKit may want to ask a registry for it.
    const { ok, why, lines } = await run('docker', args, {
      env: { ...engine.env, DOCKER_BUILDKIT: '0' },
      deadlineMs: 30 * 60_000,
      onLine: (line) => line.startsWith('Step ') && step.at(line),
    })
    if (ok) step.done()
    else step.failed(why, lines.slice(-15))
    return ok
  } catch (error) {
    step.failed(error.message)
    return false
  } finally {
    remove()
  }
}

const certificates = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

/** Node itself, npm, and what this machine's npm knows of its network. @param {string} to @param {string} node */
async function bringNode(to, node) {
  await copyFile(node, join(to, 'node'))
  await chmod(join(to, 'node'), 0o755)
  const { command, args } = npmBy(node)
  if (command !== node || !args[0]) throw new Error('npm is not where Node is, so it cannot be copied into an image.')
  await cp(dirname(dirname(args[0])), join(to, 'npm'), { recursive: true, dereference: true })
  const trusted = [setting('NODE_EXTRA_CA_CERTS'), ...certificates].find((path) => path && existsSync(path))
  await writeFile(join(to, 'trusted.pem'), trusted ? await readFile(trusted) : '')
  const { lines } = await run(command, [...args, 'config', 'get', 'registry'], { deadlineMs: 30_000 })
  const registry = lines.find((line) => /^https?:/.test(line))
  await writeFile(join(to, 'npmrc'), registry ? `registry=${registry}\n` : '')
}

const usage = `Usage: npm run images:offline

Makes what docker-compose.yml needs from a registry: ${offlineImages.map(({ name }) => name).join(', ')}.
Takes Debian or Ubuntu, root, a mirror of Debian and one of npm. What the engine has already is left as it is.`

async function main() {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false })
  const { values } = parseArgs({ options: { 'install-docker': flag, help: flag } })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const say = createSay()
  const installDocker = values['install-docker']
  const node = await ensureNode24(root, say)
  const engine = await ensureEngine(root, { installDocker }, say)
  if (!engine) return 1
  const { missing } = await makeOfflineImages({ node, engine, installAllowed: installDocker }, say)
  if (missing.length > 0) {
    say.warn(`Not there: ${missing.join(', ')}.\nThe lines above say why; starting this again goes on from here.`)
    return 1
  }
  say.line('Everything docker-compose.yml takes from a registry is there.')
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().then(
    (code) => {
      process.exitCode = code
    },
    (error) => {
      console.error(`! ${error.message}`)
      process.exitCode = 1
    },
  )
}
