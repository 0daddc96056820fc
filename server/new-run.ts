import { AppError, type Issue } from '../protocol/errors.ts'
import type { LanguageManifest } from '../protocol/language.ts'
import { defaultLimits, requestLimits } from '../protocol/limits.ts'
import type { RunFile, RunRequest } from '../protocol/run.ts'
import { bytes } from '../protocol/words.ts'
import type { Job } from '../sandbox/executor.ts'
import { clashesOf, problemOfPath } from './file-paths.ts'
import type { RunRecord } from './store.ts'

/** What this file needs to know of an installed language. */
type Installed = { id: string; manifest: Pick<LanguageManifest, 'version' | 'entry' | 'extensions'> }

/** A request with nothing left to decide: what is kept of it, and what the executor gets. */
export type NewRun = {
  record: Pick<RunRecord, 'language' | 'version' | 'files' | 'entry' | 'stdin' | 'args' | 'env' | 'limits'>
  job: Job
}

/**
 * Reads a request that already has the right shape. Throws AppError `invalid` with every field that is wrong and what is
 * allowed there, or `too-large` when files or input are over their limit.
 */
export function newRun(request: RunRequest, languages: readonly Installed[]): NewRun {
  const language = languageOf(request, languages)
  const files = filesOf(request, language)
  const entry = entryOf(request, language, files)
  const stdin = wellFormed(request.stdin ?? '')
  const stdinBytes = Buffer.from(stdin)
  if (stdinBytes.length > requestLimits.stdinBytes) {
    throw new AppError(
      'too-large',
      `The input is ${bytes(stdinBytes.length)}; at most ${bytes(requestLimits.stdinBytes)} can be given.`,
    )
  }
  const wallTimeMs = (request.timeout_sec ?? defaultLimits.wall_time_ms / 1000) * 1000
  const limits = { ...defaultLimits, cpu_time_ms: wallTimeMs, ...definedIn(request.limits ?? {}), wall_time_ms: wallTimeMs }
  const args = (request.args ?? []).map(wellFormed)
  const env = Object.fromEntries(Object.entries(request.env ?? {}).map(([name, value]) => [name, wellFormed(value)]))
  return {
    record: {
      language: language.id,
      version: language.manifest.version,
      files: files.map((file) => file.kept),
      entry,
      stdin,
      args,
      env,
      limits,
    },
    job: {
      language: language.id,
      files: files.map((file) => ({ path: file.kept.path, content: file.content })),
      entry,
      args,
      env,
      stdin: stdinBytes,
      // Nobody can type into a run whose answer they are waiting for, and who names the input has named all of it.
      stdinOpen: request.wait === false && request.stdin === undefined,
      limits,
    },
  }
}

function languageOf(request: RunRequest, languages: readonly Installed[]): Installed {
  const language = languages.find(({ id }) => id === request.language)
  if (!language) {
    throw invalid('There is no such language here.', [
      { path: 'language', message: `One of: ${languages.map(({ id }) => id).join(', ') || '(none is installed)'}.` },
    ])
  }
  const { version } = language.manifest
  if (request.version !== undefined && !isVersionPrefix(request.version, version)) {
    throw invalid('This version is not installed.', [
      {
        path: 'version',
        message: `${language.id} is here in version ${version}. Leave the field out, or ask for ${prefixesOf(version)}.`,
      },
    ])
  }
  return language
}

/** "3" and "3.13" are prefixes of "3.13"; "3.1" is not. */
export function isVersionPrefix(asked: string, installed: string): boolean {
  const parts = asked.split('.')
  return parts.length <= installed.split('.').length && parts.every((part, at) => part === installed.split('.')[at])
}
const prefixesOf = (version: string): string =>
  version
    .split('.')
    .map((_, at, parts) => `"${parts.slice(0, at + 1).join('.')}"`)
    .join(' or ')

type NewFile = { kept: RunFile; content: Uint8Array }

function filesOf(request: RunRequest, language: Installed): NewFile[] {
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
    return [{ kept: { path: language.manifest.entry, content: code }, content }]
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

function entryOf(request: RunRequest, language: Installed, files: readonly NewFile[]): string {
  const paths = files.map((file) => file.kept.path)
  const entry = request.entry ?? defaultEntry(paths, language)
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

function defaultEntry(paths: readonly string[], { manifest }: Installed): string | undefined {
  if (paths.includes(manifest.entry)) return manifest.entry
  const sources = paths.filter((path) => manifest.extensions.some((extension) => path.endsWith(extension)))
  return sources.length === 1 ? sources[0] : undefined
}

/**
 * JSON can carry half a surrogate pair, which no UTF-8 can. It becomes U+FFFD here, once, so that what the program gets is
 * what is kept and shown.
 */
const wellFormed = (text: string): string => text.toWellFormed()

/** Without the keys that are there but undefined, which would hide a default. */
const definedIn = <T extends object>(given: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }

const invalid = (message: string, issues: Issue[]): AppError => new AppError('invalid', message, { issues })
