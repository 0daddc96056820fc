// Which sandbox images there are, in which order they are built, and what their names are.
// Plain JavaScript: set-up reads it before anything is installed, and the server asks the same function at run time,
// so both always mean the same image. The types are in image-plan.d.mts.

import { createHash } from 'node:crypto'
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export const foundation = 'debian:trixie-slim'

export async function readImagePlan(sandboxFolder) {
  const problems = []
  const agent = resolve(sandboxFolder, 'agent')
  if (!(await isFile(join(agent, 'Dockerfile')))) problems.push('agent: it has no Dockerfile')
  const { languages, problems: unreadable } = await readLanguages(resolve(sandboxFolder, 'languages'))
  problems.push(...unreadable)
  const { order, problems: unordered } = buildOrder(languages, new Set(unreadable.map((problem) => problem.split(':')[0])))
  problems.push(...unordered)
  if (problems.length > 0) throw new Error(`Unusable sandbox images:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)

  const common = await planned('base', null, agent, null, (hash) => `bugghost/base:${hash}`)
  const plans = new Map([['base', common]])
  for (const { id, versions, base, folder } of order) {
    for (const { version } of versions) {
      const on = plans.get(`${base ?? 'base'} ${version}`) ?? plans.get(base ?? 'base')
      const plan = await planned(id, version, folder, on.tag, (hash) => `bugghost/${id}:${version}-${hash}`)
      plans.set(`${id} ${version}`, plan)
      if (!plans.has(id)) plans.set(id, plan)
    }
  }
  return [...new Set(plans.values())]
}

async function planned(id, version, context, base, tagOf) {
  const files = await contextFiles(context)
  const hash = createHash('sha256')
  hash.update(frame(base ?? foundation))
  for (const { path, kind } of files) {
    hash.update(frame(`${kind} ${path}`))
    hash.update(frame(kind === 'link' ? await readlink(join(context, path)) : await readFile(join(context, path))))
  }
  const hasNpmPackages = files.some(({ path }) => path === 'package-lock.json')
  return { id, version, tag: tagOf(hash.digest('hex').slice(0, 12)), context, base, hasNpmPackages }
}

// Each part is preceded by its length: without it, moving a byte from one file's end to the next one's start would go unseen.
function frame(content) {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes])
}

/** The manifest and the programs are read by the server, tests and notes by people: they change without a new image. */
const notInTheImage = [
  /^(language|expected)\.json$/,
  /^(hello|example)\.[^/]*$/,
  /\.test\.ts$/,
  /\.md$/,
  // Left behind by tools and editors on one machine, so they may not decide what an image is called on another.
  /(^|\/)(\.DS_Store|[^/]*\.(o|pyc|swp)|[^/]*~)$/,
]
const foldersNotInTheImage = new Set(['node_modules', '__pycache__', '.git'])

export async function contextFiles(folder) {
  const found = []
  const walk = async (under) => {
    for (const entry of await readdir(join(folder, under), { withFileTypes: true })) {
      const path = under + entry.name
      if (entry.isDirectory()) {
        if (!foldersNotInTheImage.has(entry.name)) await walk(`${path}/`)
      } else if (!notInTheImage.some((pattern) => pattern.test(path))) {
        found.push({ path, kind: entry.isSymbolicLink() ? 'link' : await fileKind(join(folder, path)) })
      }
    }
  }
  await walk('')
  // Not localeCompare: the order, and so the hash, must not depend on the machine's language.
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
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
  const { versions, base } = manifest
  const numbered = ({ version }) => typeof version === 'string' && /^\d+(\.\d+){0,2}$/.test(version)
  if (!Array.isArray(versions) || versions.length === 0 || !versions.every(numbered)) {
    return { problem: 'language.json has no "versions" like [{ "version": "3.13" }]' }
  }
  if (base !== undefined && typeof base !== 'string') return { problem: '"base" in language.json is not the id of a language' }
  return { id, folder, versions, base }
}

/** Each language after its base. `unreadable` languages have been reported already; what stands on them is not to blame. */
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
  for (const language of languages) visit(language, [])
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
