/** One sandbox image as its folder tells it. */
export type ImagePlan = {
  /** `base`, or the id of the language. */
  id: string
  /** `bugghost/base:<hash>` or `bugghost/<id>:<version>-<hash>`; the hash names the content, so a changed folder is another image. */
  tag: string
  /** The folder it is built from, absolute. */
  context: string
  /** The tag of the image it is built on; null for the common base, which stands on `foundation`. */
  base: string | null
  /** The folder has a package-lock.json: its packages are installed into the context before the build. */
  hasNpmPackages: boolean
}

/** A file of a context folder that can end up in the image. */
export type ContextFile = {
  /** Relative to the folder, with forward slashes. */
  path: string
  kind: 'file' | 'executable' | 'link'
}

/** What the common base image is built on. */
export const foundation: 'debian:trixie-slim'

/**
 * Every image of a sandbox folder (`agent/`, `languages/<id>/`), each after the one it is built on, otherwise by id.
 * Throws one Error that lists every problem: unreadable manifests, unknown bases, circles.
 */
export function readImagePlan(sandboxFolder: string): Promise<ImagePlan[]>

/** What may go into the image: no manifest, programs, tests or notes, and nothing tools leave behind. Sorted by path. */
export function contextFiles(folder: string): Promise<ContextFile[]>
