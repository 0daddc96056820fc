/** One sandbox image as its folder tells it. */
export type ImagePlan = {
  /** `base`, `base-<release>` for another release of Debian, or the id of the language. */
  id: string
  /** Of the language; null for a base. */
  version: string | null
  /** `bugghost/base:<hash>` or `bugghost/<id>:<version>-<hash>`; the hash names the content, so a changed folder is another image. */
  tag: string
  /** The folder it is built from, absolute. Which of its files, `contextFiles(context, version)` says. */
  context: string
  /** The tag of the image it is built on; null for a base, which stands on `foundation`. */
  base: string | null
  /** The image of Debian under it all: "debian:trixie-slim". */
  foundation: string
  /** Build arguments of the Dockerfile: BASE, and for a language VERSION and the version's own `args`. */
  buildArgs: Readonly<Record<string, string>>
  /** Its context has a package-lock.json: its packages are installed into the context before the build. */
  hasNpmPackages: boolean
}

/** A file of a context folder that can end up in the image. */
export type ContextFile = {
  /** Relative to the context, with forward slashes. */
  path: string
  kind: 'file' | 'executable' | 'link'
  /** Where it is, absolute: a version's own file is in `<folder>/<version>/`. */
  from: string
}

/**
 * Every image of a sandbox folder (`agent/`, `languages/<id>/`), each after the one it is built on: the base, then the first
 * version of every language in the order of the picker, then the others.
 * Throws one Error that lists every problem: unreadable manifests, unknown bases, circles.
 */
export function readImagePlan(sandboxFolder: string): Promise<ImagePlan[]>

/**
 * What may go into the image of a version: the folder's files, with those of `<folder>/<version>/` laid over them. No manifest,
 * programs, tests or notes, nothing tools leave behind, and nothing of the folders of other versions. Sorted by path.
 */
export function contextFiles(folder: string, version: string | null): Promise<ContextFile[]>
