// `npm run bench`: makes the machine ready, builds the app, and measures what a run costs. Arguments go to bench/hello.ts,
// or with --page, --console, --dispatch or --database to the file of that name.

import { ensureAppBuild } from './setup/app-build.mjs'
import { measure } from './setup/measure.mjs'
import { createSay } from './setup/say.mjs'
import { root, setUpSandboxes, setUpTools } from './setup.mjs'

async function main() {
  const say = createSay({ stream: process.stderr })
  const { node, env } = await setUpTools(say)
  if (process.argv.includes('--database')) return measure(node, 'bench/database.ts', env)
  const { engine, missing } = await setUpSandboxes({ node, installDocker: false }, say)
  if (!engine || missing.length > 0)
    throw new Error('Without every sandbox there is nothing to measure.\nThe lines above say what is missing.')
  await ensureAppBuild(root, node, env, say)
  const which = ['page', 'console', 'dispatch'].find((name) => process.argv.includes(`--${name}`)) ?? 'hello'
  return measure(node, `bench/${which}.ts`, engine.env.DOCKER_HOST ? { ...env, DOCKER_HOST: engine.env.DOCKER_HOST } : env)
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
