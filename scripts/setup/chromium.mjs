// Which Chromium the browser tests drive: the machine's own. None is ever downloaded from elsewhere.

import { existsSync } from 'node:fs'

import { aptInstall, debianHere } from './debian.mjs'
import { setting } from './env.mjs'

const known = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** @returns {string | undefined} the path of an executable; CHROMIUM_PATH goes before what is found */
export function chromiumPath() {
  return setting('CHROMIUM_PATH') ?? known.find((path) => existsSync(path))
}

/**
 * @param {{ installAllowed: boolean }} options
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<string | null>} null when none can be had; why has been said
 */
export async function ensureChromium({ installAllowed }, say) {
  const path = chromiumPath()
  if (path && existsSync(path)) return path
  if (path) {
    say.warn(`CHROMIUM_PATH names ${path}, and nothing is there.\nSet it to a Chromium or Chrome, or unset it.`)
    return null
  }
  const debian = await debianHere({ installAllowed })
  // Ubuntu's package of that name only points at a snap.
  if (
    debian?.id === 'debian' &&
    (await aptInstall(debian, { needed: ['chromium'] }, 'Installing Chromium for the browser tests', say))
  ) {
    return chromiumPath() ?? null
  }
  say.warn('The browser tests need Chromium or Chrome, and there is none.\nInstall one, or set CHROMIUM_PATH to where it is.')
  return null
}
