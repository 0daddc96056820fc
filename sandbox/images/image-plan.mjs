// Which sandbox images there are, in which order they are built, and what their names are.
// Plain JavaScript: set-up reads it before anything is installed, and the server asks the same function at run time,
// so both always mean the same image. The types are in image-plan.d.mts.

import { createHash } from 'node:crypto'
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** The Debian images that everything stands on, by release. */
const foundations = { trixie: 'debian:trixie-slim', bookworm: 'debian:bookworm-slim' }
const newestRelease = 'trixie'

const versionNumber = /^\d+(\.\d+){0,2}$/

export async function readImagePlan(sandboxFolder) {
  const problems = []
  const agent = resolve(sandboxFolder, 'agent')
  if (!(await isFile(join(agent, 'Dockerfile')))) problems.push('agent: it has no Dockerfile')
  const { languages, problems: unreadable } = await readLanguages(resolve(sandboxFolder, 'languages'))
  problems.push(...unreadable)
  const { order, problems: unordered } = buildOrder(languages, new Set(unreadable.map((problem) => problem.split(':')[0])))
  problems.push(...unordered)
  if (problems.length > 0) throw new Error(`Unusable sandbox images:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)

  /** What is built, in build order, by the name it is asked for: a release, or "<id> <version>". */
  const plans = new Map()
  await planBase(newestRelease)
  // First what a run gets that names no version: of every language somebody can begin with, before the second of any.
  for (const language of order) await planVersion(language, language.versions[0])
  for (const language of order) for (const version of language.versions) await planVersion(language, version)
  return [...plans.values()]

  async function planBase(release) {
    if (!plans.has(release)) {
      const id = release === newestRelease ? 'base' : `base-${release}`
      const foundation = foundations[release]
      const tagOf = (hash) => `bugghost/${id}:${hash}`
      plans.set(release, await planned({ id, version: null, folder: agent, base: null, foundation, args: {} }, tagOf))
    }
    return plans.get(release)
  }

  async function planVersion(language, { version, release = newestRelease, args = {} }) {
    const name = `${language.id} ${version}`
    if (!plans.has(name)) {
      const { id, folder } = language
      const base = language.base === undefined ? await planBase(release) : await planOfBase(language.base, version)
      const tagOf = (hash) => `bugghost/${id}:${version}-${hash}`
      const { tag, foundation } = base
      plans.set(name, await planned({ id, version, folder, base: tag, foundation, args: { VERSION: version, ...args } }, tagOf))
    }
    return plans.get(name)
  }

  /** A language that stands on another does so in the same version, if there is that, so that the two go together. */
  function planOfBase(id, version) {
    const base = order.find((language) => language.id === id)
    return planVersion(base, base.versions.find((one) => one.version === version) ?? base.versions[0])
  }
}

async function planned({ id, version, folder, base, foundation, args }, tagOf) {
  const files = await contextFiles(folder, version)
  const buildArgs = { BASE: base ?? foundation, ...args }
  const hash = createHash('sha256')
  for (const [name, value] of Object.entries(buildArgs).sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(frame(`${name}=${value}`))
  for (const { path, kind, from } of files) {
    hash.update(frame(`${kind} ${path}`))
    hash.update(frame(kind === 'link' ? await readlink(from) : await readFile(from)))
  }
  const hasNpmPackages = files.some(({ path }) => path === 'package-lock.json')
  return {
    id,
    version,
    tag: tagOf(hash.digest('hex').slice(0, 12)),
    context: folder,
    base,
    foundation,
    buildArgs,
    hasNpmPackages,
  }
}

// Each part is preceded by its length: without it, moving a byte from one file's end to the next one's start would go unseen.
function frame(content) {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes])
}

/** The manifest and the programs are read by the server, tests and notes by people: they change without a new image. */
const notInTheImage = [
  /^(language|expected)\.json$/,
  /^(hello|example|tests|libraries|ugly|tidy|broken)\.[^/]*$/,
  /\.test\.ts$/,
  /\.md$/,
  // Left behind by tools and editors on one machine, so they may not decide what an image is called on another.
  /(^|\/)(\.DS_Store|[^/]*\.(o|pyc|swp)|[^/]*~)$/,
]
const foldersNotInTheImage = new Set(['node_modules', '__pycache__', '.git'])

export async function contextFiles(folder, version) {
  const all = await filesIn(folder)
  const common = all.filter(({ path }) => !versionNumber.test(firstFolder(path)))
  const own = all
    .filter(({ path }) => version !== null && firstFolder(path) === version)
    .map((file) => ({ ...file, path: file.path.slice(version.length + 1) }))
  const byPath = new Map([...common, ...own].map((file) => [file.path, file]))
  const wanted = [...byPath.values()].filter(({ path }) => !notInTheImage.some((pattern) => pattern.test(path)))
  // Not localeCompare: the order, and so the hash, must not depend on the machine's language.
  return wanted.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** "24.21" of "24.21/package.json", nothing of a file at the top. */
function firstFolder(path) {
  return path.slice(0, Math.max(0, path.indexOf('/')))
}

async function filesIn(folder) {
  const found = []
  const walk = async (under) => {
    for (const entry of await readdir(join(folder, under), { withFileTypes: true })) {
      const path = under + entry.name
      const from = join(folder, path)
      if (!entry.isDirectory()) found.push({ path, from, kind: entry.isSymbolicLink() ? 'link' : await fileKind(from) })
      else if (!foldersNotInTheImage.has(entry.name)) await walk(`${path}/`)
    }
  }
  await walk('')
  return found
}

async function fileKind(path) {
  // Of the mode only this bit is kept by git; the rest differs between checkouts.
  return ((await stat(path)).mode & 0o100) !== 0 ? 'executable' : 'file'
}

async function readLanguages(folder) {
  const languages = []
  const problems = []
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const { name: id } of entries.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const language = await readLanguage(id, join(folder, id))
    if ('problem' in language) problems.push(`${id}: ${language.problem}`)
    else if (language.folder) languages.push(language)
  }
  return { languages, problems }
}

async function readLanguage(id, folder) {
  const manifestFile = join(folder, 'language.json')
  const [hasManifest, hasDockerfile] = await Promise.all([isFile(manifestFile), isFile(join(folder, 'Dockerfile'))])
  // What is left of a language another branch has: git removes its files and keeps ignored ones like node_modules.
  if (!hasManifest && !hasDockerfile) return {}
  if (!hasManifest) return { problem: 'it has a Dockerfile and no language.json' }
  if (!hasDockerfile) return { problem: 'it has a language.json and no Dockerfile' }
  if (id === 'base') return { problem: '"base" is the name of the image under all languages; call the folder something else' }
  if (!/^[a-z][a-z0-9]{0,31}$/.test(id)) {
    return { problem: 'a language id is at most 32 small letters and digits and starts with a letter' }
  }
  let manifest
  try {
    manifest = JSON.parse(await readFile(manifestFile, 'utf8'))
  } catch (error) {
    return { problem: `language.json cannot be read: ${error.message}` }
  }
  if (typeof manifest !== 'object' || manifest === null) return { problem: 'language.json is not an object' }
  const { versions, base, order = 100 } = manifest
  if (base !== undefined && typeof base !== 'string') return { problem: '"base" in language.json is not the id of a language' }
  if (typeof order !== 'number') return { problem: '"order" in language.json is not a number' }
  if (!Array.isArray(versions) || versions.length === 0 || !versions.every(isVersion)) {
    return { problem: 'language.json has no "versions" like [{ "version": "3.13" }]' }
  }
  for (const version of versions) {
    const problem = problemOf(version, base)
    if (problem) return { problem: `version ${version.version} ${problem}` }
  }
  const numbers = versions.map(({ version }) => version)
  const repeated = numbers.find((number, at) => numbers.indexOf(number) !== at)
  if (repeated) return { problem: `version ${repeated} is there twice` }
  const stray = (await filesIn(folder))
    .map(({ path }) => firstFolder(path))
    .find((name) => versionNumber.test(name) && !numbers.includes(name))
  if (stray) return { problem: `it has a folder ${stray} and language.json no such version` }
  return { id, folder, versions, base, order }
}

function isVersion(version) {
  return (
    typeof version === 'object' && version !== null && typeof version.version === 'string' && versionNumber.test(version.version)
  )
}

/** What is wrong with what a version's image is built from; nothing as a rule. */
function problemOf({ release, args = {} }, base) {
  if (release !== undefined && base !== undefined) return `names a release, which is that of the image of ${base} it is built on`
  if (release !== undefined && !Object.hasOwn(foundations, release)) {
    return `is for the release ${JSON.stringify(release)}; there are ${Object.keys(foundations).join(' and ')}`
  }
  if (typeof args !== 'object' || args === null || !Object.values(args).every((value) => typeof value === 'string')) {
    return 'has "args" that are not like { "NAME": "value" }'
  }
  const taken = ['BASE', 'VERSION'].find((name) => Object.hasOwn(args, name))
  return taken ? `sets the build argument ${taken}, which it is given anyway` : undefined
}

/** As the picker shows them, each after its base. `unreadable` languages have been reported already; what stands on them is not to blame. */
function buildOrder(languages, unreadable) {
  const byId = new Map(languages.map((language) => [language.id, language]))
  const order = []
  const problems = []
  const done = new Set()
  const visit = (language, path) => {
    if (done.has(language.id)) return
    if (path.includes(language.id)) {
      const circle = [...path.slice(path.indexOf(language.id)), language.id]
      problems.push(`${language.id}: its image is built on itself (${circle.join(' on ')})`)
      return
    }
    if (language.base !== undefined) {
      const base = byId.get(language.base)
      if (base) visit(base, [...path, language.id])
      else if (!unreadable.has(language.base))
        problems.push(`${language.id}: there is no language "${language.base}" to build on`)
    }
    if (done.has(language.id)) return
    done.add(language.id)
    order.push(language)
  }
  const asPicked = [...languages].sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
  for (const language of asPicked) visit(language, [])
  return { order, problems }
}

async function isFile(path) {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
    throw error
  }
}
