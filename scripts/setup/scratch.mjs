// A folder for the time being: gone when it is no longer needed, and when we are ended before that.

import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * @param {string} name the beginning of the folder's name
 * @returns {Promise<{ path: string, remove: () => void }>}
 */
export async function scratchFolder(name) {
  const path = await mkdtemp(join(tmpdir(), `bugghost-${name}-`))
  const remove = () => {
    process.off('exit', remove)
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
  process.on('exit', remove)
  return { path, remove }
}
