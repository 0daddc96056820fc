// `npm test`: makes the machine ready for what is asked, runs every check, and ends with "N passed, N failed".

import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { ensureAppBuild } from './setup/app-build.mjs'
import { ensureChromium } from './setup/chromium.mjs'
import { ensurePostgresServer } from './setup/postgres-server.mjs'
import { run } from './setup/program.mjs'
import { ensureRedis } from './setup/redis.mjs'
import { createSay } from './setup/say.mjs'
import { scratchFolder } from './setup/scratch.mjs'
import { root, setUpSandboxes, setUpTools } from './setup.mjs'
import { countPlaywright, countVitest, crashed, sum } from './test/counts.mjs'
import { failuresOfPlaywright, failuresOfVitest } from './test/failures.mjs'

/** What each name runs, quickest first. */
const selections = {
  check: ['lint', 'types', 'unit'],
  unit: ['unit'],
  postgres: ['postgres'],
  redis: ['redis'],
  docker: ['docker'],
  e2e: ['e2e'],
  all: ['lint', 'types', 'unit', 'postgres', 'redis', 'docker', 'e2e'],
}

const usage = `Usage: npm test [-- ${Object.keys(selections).join(' | ')}] [-- filters for vitest or Playwright]

  check     lint, types, unit tests: needs nothing but the npm packages (also: npm run check)
  unit      unit tests
  postgres  tests that start PostgreSQL servers of their own, the one npm brings and the one of this system
  redis     tests of the workers, with a Redis of their own
  docker    tests that run programs in sandboxes
  e2e       browser tests
  all       everything, and what \`npm test\` alone does

  --install-docker  on Debian and Ubuntu, install what is missing (Docker, Chromium, PostgreSQL) with sudo; as root this is done anyway`

const say = createSay({ stream: process.stdout })

/**
 * Everything a stage may need.
 * @typedef {{ node: string, env: NodeJS.ProcessEnv, scratch: string, filters: string[], sandboxes: Sandboxes | null, installAllowed: boolean }} Ground
 * @typedef {Awaited<ReturnType<typeof setUpSandboxes>>} Sandboxes
 * @typedef {import('./test/counts.mjs').Counts & { failures?: import('./test/failures.mjs').Failure[] }} Counts
 */

/** @type {Record<string, (ground: Ground) => Promise<Counts>>} each may throw, with what to do */
const stages = {
  lint: (ground) => tool(ground, ['node_modules/@biomejs/biome/bin/biome', 'check', '.']),
  types: async (ground) => {
    // On a fresh clone nothing has written the types of the routes yet, and old ones tell of pages that are gone.
    const generated = await runHere(ground, ['node_modules/next/dist/bin/next', 'typegen'], 5)
    return generated.ok ? tool(ground, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.']) : crashed
  },
  unit: (ground) => vitest(ground, 'unit', 10),
  postgres: async (ground) => {
    if (!(await ensurePostgresServer({ installAllowed: ground.installAllowed }, say)))
      throw new Error('There is no outside PostgreSQL to test with.')
    return vitest(ground, 'postgres', 15)
  },
  redis: async (ground) => {
    await needRedis(ground)
    return vitest(ground, 'redis', 15)
  },
  docker: async (ground) => {
    needSandboxes(ground)
    await needRedis(ground)
    return vitest(ground, 'docker', 45)
  },
  e2e: async (ground) => {
    needSandboxes(ground)
    const chromium = await ensureChromium({ installAllowed: ground.installAllowed }, say)
    if (!chromium) throw new Error('There is no browser to test with.')
    await ensureAppBuild(root, ground.node, ground.env, say)
    return playwright(ground, chromium, 30)
  },
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'install-docker': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  })
  const [name = 'all', ...filters] = positionals
  if (values.help || !Object.hasOwn(selections, name)) {
    console.log(values.help ? usage : `There is no "${name}" to test.\n\n${usage}`)
    return values.help ? 0 : 2
  }
  const wanted = selections[name]
  const installAllowed = values['install-docker']
  const { node, env } = await setUpTools(say)
  const needsSandboxes = wanted.includes('docker') || wanted.includes('e2e')
  const sandboxes = needsSandboxes ? await setUpSandboxes({ node, installDocker: installAllowed }, say) : null
  const { path: scratch, remove } = await scratchFolder('test')
  // The database runs as another user when we are root, and has its data in there.
  await chmod(scratch, 0o755)
  const results = []
  try {
    const ground = { node, env, scratch, filters, sandboxes, installAllowed }
    if (sandboxes && sandboxes.missing.length > 0) {
      results.push({ name: 'images', passed: 0, failed: sandboxes.missing.length, seconds: 0 })
    }
    for (const name of wanted) results.push(await timed(name, ground))
  } finally {
    remove()
  }
  console.log('')
  for (const { test, why } of results.flatMap(({ failures = [] }) => failures)) console.log(`✗ ${test}\n    ${why}`)
  for (const { name, passed, failed, seconds } of results) {
    console.log(`${failed > 0 ? '✗' : '✓'} ${name.padEnd(10)} ${passed} passed, ${failed} failed in ${seconds} s`)
  }
  const { passed, failed } = sum(results)
  // Read by machines: nothing may follow.
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

/** @param {string} name @param {Ground} ground */
async function timed(name, ground) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 60 - name.length))}`)
  const since = performance.now()
  const counts = await stages[name](ground).catch((error) => {
    say.warn(error.message)
    return crashed
  })
  return { name, ...counts, seconds: Math.round((performance.now() - since) / 1000) }
}

/** @param {Ground} ground */
function needSandboxes({ sandboxes }) {
  if (!sandboxes?.engine)
    throw new Error(
      'No Docker engine answers, so nothing can be run in a sandbox.\nWhat to do is said above, where set-up looked for one.',
    )
}

/** @param {Ground} ground */
async function needRedis({ installAllowed }) {
  if (!(await ensureRedis({ installAllowed }, say))) throw new Error('There is no Redis server to test with.')
}

/** A tool that knows only yes and no. @param {Ground} ground @param {string[]} args @returns {Promise<Counts>} */
async function tool(ground, args) {
  return (await runHere(ground, args, 5)).ok ? { passed: 1, failed: 0 } : crashed
}

/** @param {Ground} ground @param {string} project @param {number} minutes @returns {Promise<Counts>} */
async function vitest(ground, project, minutes) {
  const report = join(ground.scratch, `${project}.json`)
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=default', '--reporter=json']
  const { ok } = await runHere(ground, [...args, `--outputFile.json=${report}`, ...ground.filters], minutes)
  const written = await readReport(report)
  return { ...countVitest(written, ok), failures: failuresOfVitest(written) }
}

/** @param {Ground} ground @param {string} chromium @param {number} minutes @returns {Promise<Counts>} */
async function playwright(ground, chromium, minutes) {
  const report = join(ground.scratch, 'e2e.json')
  const env = {
    ...ground.env,
    CHROMIUM_PATH: chromium,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    // The tests have a database of their own, whatever this machine's server uses.
    DATABASE_URL: '',
    E2E_DATA_DIR: join(ground.scratch, 'data'),
  }
  if (ground.sandboxes?.engine?.env.DOCKER_HOST) env.DOCKER_HOST = ground.sandboxes.engine.env.DOCKER_HOST
  const { ok } = await runHere(
    { ...ground, env },
    ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json', ...ground.filters],
    minutes,
  )
  const written = await readReport(report)
  return { ...countPlaywright(written, ok), failures: failuresOfPlaywright(written) }
}

/** @param {Ground} ground @param {string[]} args @param {number} minutes */
async function runHere({ node, env }, args, minutes) {
  const ended = await run(node, args, { cwd: root, env, shown: true, deadlineMs: minutes * 60_000 })
  if (!ended.ok) say.warn(`${args[0]?.split('/').at(-1)}: ${ended.why}`)
  return ended
}

/** @param {string} path @returns {Promise<unknown>} undefined when the runner did not get as far as writing one */
async function readReport(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    say.warn(`There is no report of the tests: ${error.message}`)
    return undefined
  }
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(`! ${error.message}`)
    console.log('0 passed, 1 failed')
    process.exitCode = 1
  },
)
