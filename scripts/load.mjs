// `npm run load`: makes the machine ready, builds the app, and loads the whole stack with everything on this machine. Arguments go to bench/load.ts.

import { ensureAppBuild } from './setup/app-build.mjs'
import { measure } from './setup/measure.mjs'
import { ensureRedis } from './setup/redis.mjs'
import { createSay } from './setup/say.mjs'
import { root, setUpSandboxes, setUpTools } from './setup.mjs'

async function main() {
  const say = createSay({ stream: process.stderr })
  const { node, env } = await setUpTools(say)
  const { engine, missing } = await setUpSandboxes({ node, installDocker: false }, say)
  if (!engine || missing.length > 0)
    throw new Error('Without every sandbox there is nothing to load.\nThe lines above say what is missing.')
  if (!(await ensureRedis({ installAllowed: false }, say))) throw new Error('There is no Redis to share.')
  await ensureAppBuild(root, node, env, say)
  return measure(node, 'bench/load.ts', engine.env.DOCKER_HOST ? { ...env, DOCKER_HOST: engine.env.DOCKER_HOST } : env)
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
