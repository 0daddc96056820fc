// What the sandbox images hold, each for itself: what an image shares with the one it is built on is counted there.

import { readImagePlan } from '../../sandbox/images/image-plan.mjs'
import { run } from './program.mjs'
import { nameOf } from './sandbox-images.mjs'

/**
 * An image as the engine has it. `layers` are the digests of what it is made of, lowest first.
 * @typedef {{ tags: string[], id: string, bytes: number, layers: string[] }} EngineImage
 */

/**
 * @param {string} sandboxFolder
 * @param {import('./docker-engine.mjs').ReadyEngine} engine
 * @returns {Promise<string>} a table for people, in Markdown
 */
export async function imageSizes(sandboxFolder, engine) {
  const plans = await readImagePlan(sandboxFolder)
  const foundations = [...new Set(plans.map(({ foundation }) => foundation))]
  const images = await inspectImages([...foundations, ...plans.map(({ tag }) => tag)], engine)
  const bytesOf = (tag) => images.find(({ tags }) => tags.includes(tag))?.bytes
  return sizeTable([
    ...foundations.map((tag) => ({ name: tag, bytes: bytesOf(tag), under: 0 })),
    ...plans.map((plan) => ({ name: nameOf(plan), bytes: bytesOf(plan.tag), under: bytesOf(plan.base ?? plan.foundation) })),
  ])
}

/**
 * @param {{ name: string, bytes: number | undefined, under: number | undefined }[]} images `bytes` with all it stands on, of
 *   which `under` are the image it is built on; undefined where an image is missing
 * @returns {string}
 */
export function sizeTable(images) {
  const rows = images.map(({ name, bytes, under }) => {
    const own = bytes === undefined || under === undefined ? undefined : bytes - under
    return { name, bytes, own }
  })
  const sum = rows.reduce((all, { own }) => all + (own ?? 0), 0)
  const lines = [
    ['image', 'in all', 'of its own'],
    ['---', '---:', '---:'],
    ...rows.map(({ name, bytes, own }) => [name, mb(bytes), mb(own)]),
    ['together', '', mb(sum)],
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** As `docker images` counts them: a megabyte is a million bytes. @param {number | undefined} bytes */
export function mb(bytes) {
  return bytes === undefined ? 'missing' : `${Math.round(bytes / 1e6)} MB`
}

/**
 * @param {string[]} names tags or ids; those the engine does not have are left out
 * @param {import('./docker-engine.mjs').ReadyEngine} engine
 * @returns {Promise<EngineImage[]>}
 */
export async function inspectImages(names, engine) {
  if (names.length === 0) return []
  const found = []
  const format = '{{json .RepoTags}}\t{{.Id}}\t{{.Size}}\t{{json .RootFS.Layers}}'
  // A missing one makes the exit code 1, and the others are told all the same.
  await run('docker', ['image', 'inspect', '--format', format, ...names], {
    env: engine.env,
    deadlineMs: 60_000,
    onLine(line) {
      const [tags, id, bytes, layers] = line.split('\t')
      if (layers) found.push({ tags: JSON.parse(tags) ?? [], id, bytes: Number(bytes), layers: JSON.parse(layers) ?? [] })
    },
  })
  return found
}
