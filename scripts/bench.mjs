// `npm run bench`: makes the machine ready, builds the app, and measures what a run costs. Arguments go to bench/hello.ts, or with --page to bench/page.ts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { ensureAppBuild } from './setup/app-build.mjs'
import { createSay } from './setup/say.mjs'
import { root, setUpSandboxes, setUpTools } from './setup.mjs'

async function main() {
  const say = createSay({ stream: process.stderr })
  const { node, env } = await setUpTools(say)
  const { engine, missing } = await setUpSandboxes({ node, installDocker: false }, say)
  if (!engine || missing.length > 0)
    throw new Error('Without every sandbox there is nothing to measure.\nThe lines above say what is missing.')
  await ensureAppBuild(root, node, env, say)
  const ofThePage = process.argv.includes('--page')
  const bench = spawn(node, [ofThePage ? 'bench/page.ts' : 'bench/hello.ts', ...process.argv.slice(2)], {
    cwd: root,
    env: engine.env.DOCKER_HOST ? { ...env, DOCKER_HOST: engine.env.DOCKER_HOST } : env,
    stdio: 'inherit',
  })
  // It ends its server and its sandboxes before itself. A terminal sends SIGINT to it as well; a supervisor's SIGTERM reaches only us.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => bench.kill(signal))
  const [code] = await once(bench, 'close')
  return code ?? 1
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
