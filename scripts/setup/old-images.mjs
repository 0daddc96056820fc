// Sandbox images that no plan names any more: every change of a language's folder leaves one behind.

import { readImagePlan } from '../../sandbox/images/image-plan.mjs'
import { inspectImages, mb } from './image-sizes.mjs'
import { run } from './program.mjs'

/** @typedef {import('./image-sizes.mjs').EngineImage} EngineImage */

/**
 * Says what they hold, and removes them if asked to.
 * @param {string} sandboxFolder
 * @param {import('./docker-engine.mjs').ReadyEngine} engine
 * @param {{ prune: boolean }} options
 * @param {import('./say.mjs').Say} say
 */
export async function sayOldImages(sandboxFolder, engine, { prune }, say) {
  const plans = await readImagePlan(sandboxFolder)
  const wanted = new Set([...plans.map(({ tag }) => tag), ...plans.map(({ foundation }) => foundation)])
  const ours = []
  const listed = await run('docker', ['image', 'ls', '--no-trunc', '--filter', 'label=bugghost.image', '--format', '{{.ID}}'], {
    env: engine.env,
    deadlineMs: 60_000,
    onLine: (line) => line.startsWith('sha256:') && ours.push(line),
  })
  if (!listed.ok) return say.warn(`Old sandbox images cannot be looked for: docker image ls: ${listed.why}`)
  const images = await inspectImages([...new Set([...ours, ...wanted])], engine)
  const isWanted = ({ tags }) => tags.some((tag) => wanted.has(tag))
  const old = images.filter((image) => !isWanted(image))
  if (old.length === 0) return
  const held = `${old.length} old sandbox images hold about ${mb(heldBy(old, images.filter(isWanted)))}`
  if (!prune) return say.line(`${held}. \`npm run setup -- --prune\` removes them.`)

  const step = say.step('Removing old sandbox images')
  // By every name they have; an image without one is what stood under others, and goes with the last of them.
  const names = old.flatMap(({ tags, id }) => (tags.length > 0 ? tags : [id]))
  const removed = await run('docker', ['image', 'rm', ...names], { env: engine.env, deadlineMs: 10 * 60_000 })
  const left = await inspectImages(
    old.map(({ id }) => id),
    engine,
  )
  if (left.length === 0) step.done(held.replace('hold', 'held'))
  else step.failed(`${left.length} are still there`, removed.lines.filter((line) => line.startsWith('Error')).slice(-10))
}

/**
 * What would be free without them, about: of images that share some of what is above their common ground, each is counted whole.
 * @param {EngineImage[]} old
 * @param {EngineImage[]} kept
 * @returns {number} bytes
 */
export function heldBy(old, kept) {
  const known = [...kept]
  let bytes = 0
  for (const image of [...old].sort((a, b) => a.layers.length - b.layers.length)) {
    const grounds = known.filter((one) => one.layers.every((layer, at) => layer === image.layers[at]))
    bytes += image.bytes - Math.max(0, ...grounds.map((one) => one.bytes))
    known.push(image)
  }
  return bytes
}
