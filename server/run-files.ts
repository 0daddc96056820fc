import { AppError, type Issue } from '../protocol/errors.ts'
import { clashesOf, problemOfPath } from '../protocol/file-paths.ts'
import type { LanguageManifest } from '../protocol/language.ts'
import { requestLimits } from '../protocol/limits.ts'
import type { RunFile, RunRequest } from '../protocol/run.ts'
import { bytes } from '../protocol/words.ts'
import { invalid } from './invalid.ts'

/** What this file needs to know of an installed language. */
type Installed = { manifest: Pick<LanguageManifest, 'entry' | 'extensions' | 'test'> }

/** A file as it is kept, and its bytes. */
export type NewFile = { kept: RunFile; content: Uint8Array }

/** The files of a request, decoded. Throws AppError `invalid` or `too-large`. */
export function filesOf(request: RunRequest, language: Installed): NewFile[] {
  if ((request.code === undefined) === (request.files === undefined)) {
    throw invalid('Give the program either as `code` or as `files`.', [
      { path: request.code === undefined ? 'code' : 'files', message: 'Exactly one of `code` and `files` is needed.' },
    ])
  }
  if (request.code !== undefined) {
    if (request.code.trim() === '') throw invalid('There is no code to run.', [{ path: 'code', message: 'It is empty.' }])
    const code = wellFormed(request.code)
    const content = Buffer.from(code)
    refuseOverLimit(content.length)
    // In test mode the code is tests, and the framework finds them by their file's name.
    const path = (request.mode === 'test' && language.manifest.test?.example.path) || language.manifest.entry
    return [{ kept: { path, content: code }, content }]
  }

  const files = request.files ?? []
  if (files.length === 0) throw invalid('There is no code to run.', [{ path: 'files', message: 'At least one file is needed.' }])
  if (files.length > requestLimits.files) {
    throw invalid('There are too many files.', [
      { path: 'files', message: `${files.length} files; at most ${requestLimits.files}.` },
    ])
  }
  const issues: Issue[] = files.flatMap((file, index) => {
    const message = problemOfPath(file.path)
    return message ? [{ path: `files.${index}.path`, message }] : []
  })
  if (issues.length === 0) {
    for (const [index, message] of clashesOf(files.map((file) => file.path)))
      issues.push({ path: `files.${index}.path`, message })
  }
  if (issues.length > 0) throw invalid('A file has a path that cannot be used.', issues)

  // Base64 takes four characters for three bytes: what is surely too large is refused before it is decoded.
  refuseOverLimit(
    files.reduce((sum, file) => sum + (file.encoding === 'base64' ? (file.content.length / 4 - 1) * 3 : file.content.length), 0),
  )
  const decoded = files.map((file, index): NewFile => {
    if (file.encoding !== 'base64') {
      const text = wellFormed(file.content)
      return { kept: { path: file.path, content: text }, content: Buffer.from(text) }
    }
    const content = Buffer.from(file.content, 'base64')
    // Node skips what is not base64; comparing with the only right spelling finds that.
    if (content.toString('base64') !== file.content) {
      issues.push({
        path: `files.${index}.content`,
        message: 'This is not base64 (A-Z a-z 0-9 + /, padded with =, no line breaks).',
      })
    }
    return { kept: { path: file.path, content: file.content, encoding: 'base64' }, content }
  })
  if (issues.length > 0) throw invalid('A file cannot be decoded.', issues)
  refuseOverLimit(decoded.reduce((sum, file) => sum + file.content.length, 0))
  return decoded
}

function refuseOverLimit(total: number): void {
  if (total <= requestLimits.filesBytes) return
  throw new AppError(
    'too-large',
    `The code is more than ${bytes(requestLimits.filesBytes)}, all files together. Send less of it.`,
  )
}

/** The path of the file that starts. Throws AppError `invalid` when that is not clear. */
export function entryOf(request: RunRequest, language: Installed, files: readonly NewFile[]): string {
  const paths = files.map((file) => file.kept.path)
  const entry = request.entry ?? defaultEntry(paths, language, request.mode === 'test')
  const chosen = files.find((file) => file.kept.path === entry)
  if (chosen === undefined) {
    const what =
      request.code !== undefined
        ? `With \`code\` the program is ${JSON.stringify(language.manifest.entry)}; send \`files\` to name it yourself.`
        : request.entry !== undefined
          ? 'It must be the path of one of the files.'
          : `Say which file starts: none is called ${JSON.stringify(language.manifest.entry)}, and not exactly one ends in ${language.manifest.extensions.join(' or ')}.`
    throw invalid('Which file starts is not clear.', [{ path: 'entry', message: what }])
  }
  if (chosen.kept.encoding === undefined && chosen.kept.content.trim() === '') {
    throw invalid('There is no code to run.', [
      { path: `files.${files.indexOf(chosen)}.content`, message: 'The file that starts is empty.' },
    ])
  }
  return chosen.kept.path
}

function defaultEntry(paths: readonly string[], { manifest }: Installed, testing: boolean): string | undefined {
  if (paths.includes(manifest.entry)) return manifest.entry
  const sources = paths.filter((path) => manifest.extensions.some((extension) => path.endsWith(extension)))
  // Tests are found by their framework; any source stands for the whole.
  return sources.length === 1 || testing ? sources[0] : undefined
}

/**
 * JSON can carry half a surrogate pair, which no UTF-8 can. It becomes U+FFFD here, once, so that what the program gets is
 * what is kept and shown.
 */
export const wellFormed = (text: string): string => text.toWellFormed()
