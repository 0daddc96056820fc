// Are the locked npm packages installed, and if not, installs them.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { npmBy, run } from './program.mjs'

/**
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./say.mjs').Say} say
 */
export async function ensureDependencies(root, node, env, say) {
  const [locked, installed] = await Promise.all([
    readJson(join(root, 'package-lock.json')),
    readJson(join(root, 'node_modules', '.package-lock.json')),
  ])
  if (!locked)
    throw new Error(
      'package-lock.json is missing.\nIt belongs to the repository; bring it back with `git checkout package-lock.json`.',
    )
  const difference = differenceOf(locked, installed)
  if (difference === '') return

  const step = say.step(`Installing the locked npm packages, as ${difference} (about a minute)`)
  const { command, args } = npmBy(node)
  const { ok, why, lines } = await run(command, [...args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    env,
    deadlineMs: 30 * 60_000,
  })
  if (!ok) {
    step.failed(why, lines.slice(-30))
    throw new Error(
      'The npm packages could not be installed.\nThe lines above say why; `npm ci --ignore-scripts` tries again by hand.',
    )
  }
  step.done()
}

/**
 * What keeps the installed packages from being the locked ones; empty when nothing does.
 * npm writes `node_modules/.package-lock.json` last, so an interrupted installation has none.
 * @param {{ packages?: Record<string, { version?: string, optional?: boolean }> }} locked package-lock.json
 * @param {{ packages?: Record<string, { version?: string }> } | undefined} installed
 * @returns {string}
 */
export function differenceOf(locked, installed) {
  if (!installed?.packages) return 'none are there'
  const wanted = Object.entries(locked.packages ?? {}).filter(([path]) => path !== '')
  for (const [path, { version, optional }] of wanted) {
    const there = installed.packages[path]
    // The optional ones are for other machines, mostly.
    if (!there && optional) continue
    if (!there) return `${nameOf(path)} is not there`
    if (there.version !== version) return `${nameOf(path)} is ${there.version} and not ${version}`
  }
  const paths = new Set(wanted.map(([path]) => path))
  const left = Object.keys(installed.packages).find((path) => !paths.has(path))
  return left ? `${nameOf(left)} is no longer wanted` : ''
}

/** @param {string} path */
function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

/** @param {string} path */
async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw new Error(`${path} cannot be read (${error.message}).\nRemove it and start again.`)
  }
}
