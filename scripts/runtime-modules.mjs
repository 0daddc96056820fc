// Copies from node_modules what the built app needs when it runs, and nothing that only builds it or runs in browsers:
// `node scripts/runtime-modules.mjs <folder>`.

import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { outsideTheBundle } from './setup/app-build.mjs'
import { root } from './setup.mjs'

/**
 * The folders of these packages and of all they depend on, as npm's lock knows them. What is optional is left out: it is for
 * other platforms, for building, or for an embedded database.
 * @param {Record<string, { optional?: boolean, dependencies?: Record<string, string>, peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, { optional?: boolean }> }>} packages of package-lock.json
 * @param {string[]} names
 * @returns {string[]} "node_modules/next", "node_modules/next/node_modules/postcss"
 */
export function closureOf(packages, names) {
  const found = new Set()
  const visit = (name, from) => {
    const path = placeOf(packages, name, from)
    if (path === undefined) throw new Error(`${name}, which ${from || 'the server'} needs, is not in package-lock.json.`)
    if (found.has(path)) return
    found.add(path)
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = packages[path] ?? {}
    const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional)
    for (const needed of [...Object.keys(dependencies), ...peers]) visit(needed, path)
  }
  for (const name of names) visit(name, '')
  return [...found].sort()
}

/** As Node looks for it: beside the package that asks, then further up. */
function placeOf(packages, name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder ? `${folder}/` : ''}node_modules/${name}`
    if (packages[path]) return path
    if (folder === '') return undefined
  }
}

/** Packages that the pages load from node_modules, by the traces Next leaves of them. @param {string} pages .next/server */
async function packagesOfPages(pages) {
  const names = new Set()
  for (const entry of await readdir(pages, { recursive: true })) {
    if (!entry.endsWith('.nft.json')) continue
    const { files } = JSON.parse(await readFile(join(pages, entry), 'utf8'))
    for (const file of files) {
      const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? []
      if (name) names.add(name)
    }
  }
  return names
}

/** For debuggers, for type checkers, for reading, and Next's halves for development and for the edge. */
const notAtRunTime = [
  /\.(map|md|markdown|d\.[cm]?ts|tsbuildinfo)$/,
  /^node_modules\/next\/dist\/(docs|esm|bundle-analyzer|next-devtools)\//,
  /^node_modules\/next\/dist\/compiled\/.*\.dev\.js$/,
]

async function main(to) {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))
  const direct = outsideTheBundle.filter((name) => packages[`node_modules/${name}`])
  // What is optional came into the traces because it is installed here; where it is not, Next does without it.
  const traced = [...(await packagesOfPages(join(root, '.next', 'server')))]
  const named = traced.filter((name) => packages[`node_modules/${name}`] && !packages[`node_modules/${name}`].optional)
  const folders = closureOf(packages, [...new Set([...direct, 'react', 'react-dom', ...named])])
  for (const folder of folders) {
    const inner = join(root, folder, 'node_modules')
    await mkdir(dirname(join(to, '..', folder)), { recursive: true })
    await cp(join(root, folder), join(to, '..', folder), {
      recursive: true,
      filter: (path) => {
        const relative = path.slice(root.length).replace(/^\/+/, '')
        return path !== inner && !notAtRunTime.some((pattern) => pattern.test(relative) || pattern.test(`${relative}/`))
      },
    })
  }
  console.log(`${folders.length} packages: ${folders.map((path) => path.replace(/^node_modules\//, '')).join(' ')}`)
}

const [, script, to] = process.argv
if (script === fileURLToPath(import.meta.url)) {
  if (!to) throw new Error('Usage: node scripts/runtime-modules.mjs <folder>, which ends in node_modules')
  await main(to)
}
