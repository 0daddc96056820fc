// Makes this machine ready: Node 24, the npm packages, a Docker engine, the sandbox images. Needs nothing installed by npm.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { dataFolder } from './setup/data-folder.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { ensureEngine } from './setup/docker-engine.mjs'
import { imageSizes } from './setup/image-sizes.mjs'
import { ensureNode24, environmentWith } from './setup/node24.mjs'
import { sayOldImages } from './setup/old-images.mjs'
import { beginSandboxImages, ensureSandboxImages } from './setup/sandbox-images.mjs'
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
 * A Docker engine and every sandbox image.
 * @param {{ node: string, installDocker: boolean }} options
 * @param {import('./setup/say.mjs').Say} say
 * @returns {Promise<{ engine: import('./setup/docker-engine.mjs').ReadyEngine | null, missing: string[] }>}
 *   `missing`: the images that could not be built; without an engine, none was tried
 */
export async function setUpSandboxes({ node, installDocker }, say) {
  const engine = await ensureEngine(root, { installDocker }, say)
  const missing = engine ? await ensureSandboxImages(imageOptions({ engine, node, installDocker }), say) : []
  return { engine, missing }
}

/**
 * A Docker engine, and the sandbox images on their way.
 * @param {{ node: string, installDocker: boolean }} options
 * @param {import('./setup/say.mjs').Say} say
 */
export async function beginSandboxes({ node, installDocker }, say) {
  const engine = await ensureEngine(root, { installDocker }, say)
  return { engine, images: engine ? beginSandboxImages(imageOptions({ engine, node, installDocker }), say) : null }
}

const sandboxFolder = join(root, 'sandbox')

function imageOptions({ engine, node, installDocker }) {
  return { sandboxFolder, dataFolder: dataFolder(root), engine, installAllowed: installDocker, node }
}

const usage = `Usage: node scripts/setup.mjs [--install-docker] [--prune] [--sizes]

Brings what is missing: Node 24 (from npm), the npm packages, a Docker engine, the sandbox images.

  --install-docker  on Debian and Ubuntu, install and start Docker with sudo when it is missing (as root this is done anyway)
  --prune           remove the sandbox images that are no longer used; those of other checkouts on this engine are among them
  --sizes           print what each sandbox image holds`

async function main() {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false })
  const { values } = parseArgs({ options: { 'install-docker': flag, prune: flag, sizes: flag, help: flag } })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const say = createSay()
  const { node } = await setUpTools(say)
  const { engine, missing } = await setUpSandboxes({ node, installDocker: values['install-docker'] }, say)
  if (!engine) return 1
  await sayOldImages(sandboxFolder, engine, { prune: values.prune }, say)
  if (values.sizes) console.log(await imageSizes(sandboxFolder, engine))
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
