// May and can we install packages on this machine, and where do its own come from.

import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { environment } from './env.mjs'
import { run } from './program.mjs'

/**
 * A Debian or Ubuntu machine on which we may install packages.
 * @typedef {{ id: 'debian' | 'ubuntu', asRoot: (command: string[]) => string[] }} Debian
 */

/**
 * @param {{ installAllowed: boolean }} options whether the person asked for installing, so that sudo may be used
 * @returns {Promise<Debian | null>} null on other systems and where we may not install
 */
export async function debianHere({ installAllowed }) {
  const family = debianFamily(await readOr('', '/etc/os-release'))
  if (!family) return null
  if (process.getuid?.() === 0) return { id: family, asRoot: (command) => command }
  if (!installAllowed || !sudoAnswers()) return null
  return { id: family, asRoot: (command) => ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND', ...command] }
}

/** Asks for the password once, here and now; later calls use what sudo remembers. */
function sudoAnswers() {
  const withoutAsking = process.stdin.isTTY ? [] : ['-n']
  return spawnSync('sudo', [...withoutAsking, '-v'], { stdio: 'inherit', timeout: 120_000 }).status === 0
}

/** @param {string} osRelease @returns {'debian' | 'ubuntu' | null} */
export function debianFamily(osRelease) {
  const value = (key) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? ''
  const names = [value('ID'), ...value('ID_LIKE').split(' ')]
  if (names.includes('ubuntu')) return 'ubuntu'
  return names.includes('debian') ? 'debian' : null
}

/**
 * Installs packages, one step on the screen.
 * @param {Debian} debian
 * @param {{ needed: string[], ifKnown?: string[] }} packages `ifKnown` are left out where the distribution has no such package
 * @param {string} title
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<boolean>} whether they are there now; what went wrong has been said
 */
export async function aptInstall(debian, { needed, ifKnown = [] }, title, say) {
  const step = say.step(title)
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (args) => {
    // A package manager that is at work elsewhere holds the lock for minutes; better to wait than to fail.
    const [command, ...rest] = debian.asRoot(['apt-get', '-o', 'DPkg::Lock::Timeout=300', ...args])
    return run(command, rest, { env, deadlineMs: 20 * 60_000, onLine: (line) => step.at(line) })
  }
  // One source of several may be unreachable; whether that matters, the installation tells.
  const updated = await apt(['update'])
  const known = await Promise.all(ifKnown.map(aptKnows))
  const packages = [...needed, ...ifKnown.filter((_, index) => known[index])]
  const installed = await apt(['install', '-y', '--no-install-recommends', ...packages])
  if (installed.ok) {
    step.done()
    return true
  }
  step.failed(`apt-get install ${packages.join(' ')}: ${installed.why}`, [
    ...(updated.ok ? [] : updated.lines.slice(-5)),
    ...installed.lines.slice(-15),
  ])
  return false
}

/** @param {string} name */
async function aptKnows(name) {
  return (await run('apt-cache', ['show', name], { deadlineMs: 30_000 })).ok
}

/** Where this machine's apt gets packages of Debian itself, best first. @returns {Promise<string[]>} */
export async function debianMirrors() {
  const folder = '/etc/apt/sources.list.d'
  const names = await readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const paths = ['/etc/apt/sources.list', ...names.sort().map((name) => join(folder, name))]
  const sources = await Promise.all(paths.map(async (path) => ({ path, text: await readOr('', path) })))
  return mirrorsIn(sources)
}

const debiansOwn = 'http://deb.debian.org/debian'
const suitesOfDebian =
  /^(bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)(-updates|-backports)?$/

/**
 * The sources that look like a mirror of Debian, whatever suite the machine itself uses, then Debian's own.
 * A frozen snapshot may lack the suite that is asked for, so what this gives is to be tried in turn.
 * @param {{ path: string, text: string }[]} sources apt's source files
 * @returns {string[]}
 */
export function mirrorsIn(sources) {
  const found = sources
    .flatMap(({ path, text }) => (path.endsWith('.sources') ? deb822(text) : path.endsWith('.list') ? oneLine(text) : []))
    .filter(({ uri, suites }) => /^https?:/.test(uri) && suites.some((suite) => suitesOfDebian.test(suite)))
    .map(({ uri }) => uri.replace(/\/+$/, ''))
    .filter((uri) => !uri.includes('snapshot.debian.org'))
  return [...new Set([...found, debiansOwn])]
}

/** @param {string} text */
function deb822(text) {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name) => new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
    if (!field('Types').includes('deb') || field('Enabled')[0]?.toLowerCase() === 'no') return []
    return field('URIs').map((uri) => ({ uri, suites: field('Suites') }))
  })
}

/** @param {string} text */
function oneLine(text) {
  return [...text.matchAll(/^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm)].map(([, uri, suite]) => ({
    uri: uri ?? '',
    suites: [suite ?? ''],
  }))
}

/** @param {string} otherwise @param {string} path */
async function readOr(otherwise, path) {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise
    throw error
  }
}
