// `npm start`: makes the machine ready, builds what is out of date, and runs the server until it is told to stop. It serves as
// soon as the first language can be run; the images of the others are built behind it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { parseArgs } from 'node:util'

import { ensureAppBuild, ensureEditorBundle } from './setup/app-build.mjs'
import { onEnding } from './setup/ending.mjs'
import { setting } from './setup/env.mjs'
import { ensureNode24, environmentWith } from './setup/node24.mjs'
import { createSay } from './setup/say.mjs'
import { beginSandboxes, root, setUpTools } from './setup.mjs'

const usage = `Usage: npm start [-- options]

  --install-docker  on Debian and Ubuntu, install and start Docker with sudo when it is missing (as root this is done anyway)
  --skip-setup      look at nothing but the app's own build; for machines that are known to be ready
  --worker          run programs for web servers elsewhere, which share this one's REDIS_URL (also: npm run worker)
  --dev             run from the sources, in development mode, and start again when the server's change (also: npm run dev)
  --help

Settings come from the environment: PORT (3000), HOST, DATABASE_URL, REDIS_URL, BUGGHOST_DATA_DIR (./data), BUGGHOST_URL, DOCKER_HOST.`

const options = /** @type {const} */ ({
  'install-docker': { type: 'boolean', default: false },
  'skip-setup': { type: 'boolean', default: false },
  worker: { type: 'boolean', default: false },
  dev: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
})

async function main() {
  const { values } = parseArgs({ options })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const say = createSay()
  const { node, env, images } = values['skip-setup'] ? await toolsAtHand(say) : await ready(values, say)
  // Until there is a server to close, a signal ends us; what we started ends with us.
  const listenNoMore = onEnding((signal) => process.exit(128 + constants.signals[signal]))
  try {
    // Beside each other: one waits for the engine mostly, the other computes.
    await Promise.all([images?.first, (values.dev ? ensureEditorBundle : ensureAppBuild)(root, node, env, say)])
    say.quiet()
    listenNoMore()
    const what = values.worker
      ? { source: 'server/worker.ts', built: 'dist/worker.mjs' }
      : { source: 'server/index.ts', built: 'dist/server.mjs' }
    return await (values.dev
      ? serve(node, ['--watch-path=server', '--watch-path=sandbox', '--watch-path=protocol', what.source], images, {
          ...env,
          NODE_ENV: 'development',
        })
      : serve(node, ['--enable-source-maps', what.built], images, { ...env, NODE_ENV: 'production' }))
  } finally {
    await images?.stop()
  }
}

async function toolsAtHand(say) {
  const node = await ensureNode24(root, say)
  return { node, env: environmentWith(root, node), images: null }
}

async function ready({ 'install-docker': installDocker, worker }, say) {
  const { node, env } = await setUpTools(say)
  // Programs run on workers then, and theirs are the engine and the images.
  if (setting('REDIS_URL') && !worker) return { node, env, images: null }
  const { engine, images } = await beginSandboxes({ node, installDocker }, say)
  if (!engine) say.warn('Starting without sandboxes: pages and shared runs work, new runs have to wait for a Docker engine.')
  void images?.all.then((missing) => {
    if (missing.length > 0 && !images.stopped())
      say.warn(`Without these sandbox images: ${missing.join(', ')}. \`npm run setup\` tries again.`)
  })
  // Which engine was found is told to the server in the one word it knows.
  return { node, env: engine?.env.DOCKER_HOST ? { ...env, DOCKER_HOST: engine.env.DOCKER_HOST } : env, images }
}

/**
 * @param {string} node
 * @param {string[]} args
 * @param {import('./setup/sandbox-images.mjs').Builds | null} images
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} the server's exit code, or 128 + the signal that ended it
 */
async function serve(node, args, images, env) {
  const server = spawn(node, args, { cwd: root, env, stdio: 'inherit' })
  let last = { signal: '', at: 0 }
  const forward = (signal) => {
    void images?.stop()
    // Ctrl-C at a terminal has reached the server already, and a second one would tell it to hurry. For the same reason
    // what npm passes on and what a supervisor sends to the whole group at once count as one.
    const repeated = signal === last.signal && performance.now() - last.at < 1_000
    if (repeated || (signal === 'SIGINT' && process.stdin.isTTY)) return
    last = { signal, at: performance.now() }
    server.kill(signal)
  }
  const listenNoMore = onEnding(forward)
  const [code, signal] = await once(server, 'close')
  listenNoMore()
  return code ?? 128 + constants.signals[signal]
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(`! ${error.message}`)
    process.exitCode = 1
  },
)
