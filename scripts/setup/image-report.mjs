// Leaves word in the data folder of how far each image is, for the server, which shows it. It reads with sandbox/images/image-builds.ts.

import { renameSync, rmSync, writeFileSync } from 'node:fs'

import { markOf } from '../../sandbox/process-mark.mjs'

/**
 * @typedef {{ state: 'waiting' } | { state: 'building', step: number, steps: number, what: string } | { state: 'failed', what: string }} ImageBuild
 *   `step` of `steps` begins at 1; both are 0 until the build has said
 *
 * @typedef {object} ImageReport
 * @property {(tag: string, build: ImageBuild | null) => void} set null: it is there, nothing more is to be said
 * @property {() => void} close keeps only what failed; with nothing failed the file goes
 */

/**
 * @param {string} path
 * @param {import('./say.mjs').Say} say
 * @returns {ImageReport}
 */
export function openImageReport(path, say) {
  const builder = markOf(process.pid)
  const images = new Map()
  let complained = false

  const write = () => {
    const unfinished = `${path}.${process.pid}`
    try {
      if (images.size === 0) return rmSync(path, { force: true })
      // Renamed into place: whoever reads gets the old words or the new ones, never half of each.
      writeFileSync(unfinished, JSON.stringify({ builder, images: Object.fromEntries(images) }))
      renameSync(unfinished, path)
    } catch (error) {
      // A build is not worth less because nobody can be told of it.
      if (!complained) say.warn(`The progress of the builds cannot be shown: ${error.message}`)
      complained = true
    }
  }
  const close = () => {
    process.off('exit', close)
    for (const [tag, { state }] of images) if (state !== 'failed') images.delete(tag)
    write()
  }
  process.on('exit', close)
  return {
    set(tag, build) {
      const before = images.get(tag)
      if (build) images.set(tag, { ...build, since: before?.state === build.state ? before.since : new Date().toISOString() })
      else images.delete(tag)
      write()
    },
    close,
  }
}
