// Which Node runs everything: the one at hand when it is new enough, else one from npm, kept in .tooling/.

import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'

import { environment } from './env.mjs'
import { npmBy, run } from './program.mjs'

const oldest = 24
/** Brought where the machine's own is older. Node itself is in the npm package, so no install script is needed. */
const brought = '24.21.0'
const platformsOnNpm = new Set(['linux-x64', 'linux-arm64', 'win-x64'])

/**
 * @param {string} root the repository
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<string>} the path of a Node of the right age
 */
export async function ensureNode24(root, say) {
  if (Number(process.versions.node.split('.')[0]) >= oldest) return process.execPath
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  if (!platformsOnNpm.has(platform)) {
    throw new Error(
      `Bug Ghost needs Node ${oldest} or newer; this is ${process.version}, and npm has none for ${platform}.\nInstall it from https://nodejs.org (or with nvm, fnm, Homebrew) and start again.`,
    )
  }
  const tooling = join(root, '.tooling')
  const folder = join(tooling, 'node_modules', `node-${platform}`)
  const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if ((await versionIn(folder)) === brought) return node

  const step = say.step(`Bringing Node ${brought} from npm, as this is ${process.version} (190 MB, kept in .tooling)`)
  const { command, args } = npmBy(process.execPath)
  const install = ['install', '--prefix', tooling, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const { ok, why, lines } = await run(command, [...args, ...install, `node-${platform}@${brought}`], { deadlineMs: 15 * 60_000 })
  if (!ok) {
    step.failed(why, lines.slice(-15))
    throw new Error(
      `Node ${oldest} could not be brought from npm.\nInstall Node ${oldest} from https://nodejs.org, or mend npm's access to its registry, and start again.`,
    )
  }
  step.done()
  return node
}

/** @param {string} folder */
async function versionIn(folder) {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).version
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * The environment for everything that runs on that Node, with the project's own tools first.
 * @param {string} root
 * @param {string} node
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentWith(root, node) {
  // Windows calls it Path and takes either; two of them in one environment it does not.
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const path = [dirname(node), join(root, 'node_modules', '.bin'), environment[name]].filter(Boolean).join(delimiter)
  return { ...environment, [name]: path, NEXT_TELEMETRY_DISABLED: '1' }
}
