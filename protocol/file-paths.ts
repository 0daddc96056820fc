import { requestLimits } from './limits.ts'

/** A name longer than this fits on no common file system once it is unpacked somewhere else (they allow 255; some encrypt). */
const segmentBytes = 100

/** Control characters, line separators, halves of surrogate pairs, and marks that hide or turn the text around them. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/**
 * What is wrong with the path of a file in /workspace, or null. Good is "main.py" or "src/app/Main.java": relative,
 * with / between the names, staying inside, readable as it is shown.
 */
export function problemOfPath(path: string): string | null {
  if (path === '') return 'A file needs a name.'
  if (path.length > requestLimits.pathChars) return `A path has at most ${requestLimits.pathChars} characters.`
  if (unseen.test(path)) return 'A path cannot contain control characters or invisible ones.'
  if (path.includes('\\')) return 'Use / between the names of a path, not \\.'
  if (path.startsWith('/')) return 'A path is relative to the workspace: it cannot start with /.'
  for (const segment of path.split('/')) {
    if (segment === '') return 'A path cannot have an empty name (// or a / at the end).'
    if (segment === '.' || segment === '..') return 'A path cannot contain "." or "..": it stays inside the workspace.'
    // Compilers and shells get file names as arguments, where a dash at the front would make them options.
    if (segment.startsWith('-')) return 'A name cannot start with "-".'
    if (new TextEncoder().encode(segment).length > segmentBytes) return `A name has at most ${segmentBytes} bytes.`
  }
  return null
}

/**
 * Of paths that are each fine, the ones that cannot be together: [index, what is wrong]. Names that differ only in case or
 * in how an accent is composed are one file on half the machines a run may be copied to, so they are one file here.
 */
export function clashesOf(paths: readonly string[]): [index: number, problem: string][] {
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const path of paths) {
    const names = foldedNames(path)
    for (let depth = 1; depth < names.length; depth++) folders.add(names.slice(0, depth).join('/'))
  }
  return paths.flatMap((path, index): [number, string][] => {
    const folded = foldedNames(path).join('/')
    if (files.has(folded)) return [[index, 'Another file has this path, or one that differs only in case or accents.']]
    files.add(folded)
    return folders.has(folded) ? [[index, 'This is the path of a file and also of a folder.']] : []
  })
}

const foldedNames = (path: string): string[] => path.normalize('NFC').toLowerCase().normalize('NFC').split('/')
