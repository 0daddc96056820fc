// Has this machine a Redis server for the tests of the workers, and if not, installs Debian's.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { aptInstall, debianHere } from './debian.mjs'
import { setting } from './env.mjs'

const isThere = () => (setting('PATH') ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'redis-server')))

/**
 * @param {{ installAllowed: boolean }} options
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<boolean>} whether there is one now; why not has been said
 */
export async function ensureRedis({ installAllowed }, say) {
  if (isThere()) return true
  const debian = await debianHere({ installAllowed })
  if (debian && (await aptInstall(debian, { needed: ['redis-server'] }, 'Installing Redis for the tests of the workers', say))) {
    return isThere()
  }
  say.warn(
    'The tests of the workers start a Redis server of their own, and there is no redis-server here.\nInstall the package of that name.',
  )
  return false
}
