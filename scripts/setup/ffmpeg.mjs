// Which ffmpeg the tour is filmed with: the machine's own, from Debian's package where that may be installed.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { aptInstall, debianHere } from './debian.mjs'
import { setting } from './env.mjs'

/** @returns {string | undefined} the path of an executable */
export function ffmpegPath() {
  return (setting('PATH') ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'ffmpeg'))
    .find((path) => existsSync(path))
}

/**
 * @param {{ installAllowed: boolean }} options
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<string | null>} null when none can be had; that has been said
 */
export async function ensureFfmpeg({ installAllowed }, say) {
  const path = ffmpegPath()
  if (path) return path
  const debian = await debianHere({ installAllowed })
  if (debian && (await aptInstall(debian, { needed: ['ffmpeg'] }, 'Installing ffmpeg to film the tour', say)))
    return ffmpegPath() ?? null
  say.warn('There is no ffmpeg: the tour is taken in pictures, not on video.')
  return null
}
