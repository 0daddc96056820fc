// Makes this machine ready: Node 24, the npm packages, a Docker engine, the sandbox images. Needs nothing installed by npm.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { ensureDependencies } from './setup/dependencies.mjs'
import { ensureEngine } from './setup/docker-engine.mjs'
import { ensureNode24, environmentWith } from './setup/node24.mjs'
import { ensureSandboxImages } from './setup/sandbox-images.mjs'
import { createSay } from './setup/say.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * What runs the project's own programs. Throws an Error that says what to do when there is no Node 24 or no packages.
 * @param {import('./setup/say.mjs').Say} say
 */
export async function setUpTools(say) {
  const node = await ensureNode24(root, say)
  const env = environmentWith(root, node)
  await ensureDependencies(root, node, env, say)
  return { node, env }
}

/**
 * @param {{ node: string, installDocker: boolean }} options
 * @param {import('./setup/say.mjs').Say} say
 * @returns {Promise<{ engine: import('./setup/docker-engine.mjs').ReadyEngine | null, missing: string[] }>}
 *   `missing`: the images that could not be built; without an engine, none was tried
 */
export async function setUpSandboxes({ node, installDocker }, say) {
  const engine = await ensureEngine(root, { installDocker }, say)
  const missing = engine
    ? await ensureSandboxImages(join(root, 'sandbox'), engine, { installAllowed: installDocker, node }, say)
    : []
  return { engine, missing }
}

const usage = `Usage: node scripts/setup.mjs [--install-docker]

Brings what is missing: Node 24 (from npm), the npm packages, a Docker engine, the sandbox images.

  --install-docker  on Debian and Ubuntu, install and start Docker with sudo when it is missing (as root this is done anyway)`

async function main() {
  const { values } = parseArgs({ options: { 'install-docker': { type: 'boolean', default: false }, help: { type: 'boolean' } } })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const say = createSay()
  const { node } = await setUpTools(say)
  const { engine, missing } = await setUpSandboxes({ node, installDocker: values['install-docker'] }, say)
  if (!engine) return 1
  if (missing.length > 0) {
    say.warn(`Not ready: ${missing.join(', ')}.\nThe lines above say why; starting set-up again goes on from here.`)
    return 1
  }
  say.line('Everything is ready. `npm start` serves Bug Ghost.')
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
