// What the image `sandbox-images` does: builds, in the engine DOCKER_HOST names, the images that are missing there, and ends.
// `docker compose run --rm sandbox-images python typescript@5.8` builds some; BUGGHOST_LANGUAGES says which when nothing is named.

import { join } from 'node:path'

import { dataFolder } from './setup/data-folder.mjs'
import { ensureEngine } from './setup/docker-engine.mjs'
import { setting } from './setup/env.mjs'
import { ensureSandboxImages } from './setup/sandbox-images.mjs'
import { createSay } from './setup/say.mjs'
import { root } from './setup.mjs'

async function main(named) {
  const say = createSay({ stream: process.stdout })
  const engine = await ensureEngine(root, { installDocker: false }, say)
  if (!engine) return 1
  const only = named.length > 0 ? named : (setting('BUGGHOST_LANGUAGES') ?? '').split(/[\s,]+/).filter(Boolean)
  const options = { sandboxFolder: join(root, 'sandbox'), dataFolder: dataFolder(root), engine, node: process.execPath, only }
  const missing = await ensureSandboxImages({ ...options, installAllowed: false }, say)
  if (missing.length > 0) {
    say.warn(`Not ready: ${missing.join(', ')}.\nThe lines above say why; starting this again goes on from here.`)
    return 1
  }
  say.line('Every sandbox image that is wanted is there.')
  return 0
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(`! ${error.message}`)
    process.exitCode = 1
  },
)
