import type { FormatRequest, FormattedFile } from '../protocol/contract.ts'
import { AppError } from '../protocol/errors.ts'
import { problemOfPath } from '../protocol/file-paths.ts'
import type { FormatManifest } from '../protocol/language.ts'
import { defaultLimits, type Limits, requestLimits } from '../protocol/limits.ts'
import type { Ending } from '../protocol/run.ts'
import { bytes } from '../protocol/words.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import { chooseLanguage } from './choose-language.ts'
import type { Dispatch } from './dispatch.ts'
import { invalid } from './invalid.ts'
import { wellFormed } from './run-files.ts'

type Parts = {
  perform: Dispatch['perform']
  languages: readonly Pick<LoadedLanguage, 'id' | 'manifest'>[]
  /** Who waits, for fairness among all that wait for a sandbox. */
  owner: string
  /** Where it comes from, as it is counted. */
  address: string
  /** Aborts when the caller has gone away; the formatter is stopped then. */
  signal: AbortSignal
}

/**
 * The file as the formatter of its language writes it. A job in a sandbox like a run's, of which nothing is kept.
 * Throws AppError: `invalid` with the place in the message when the file cannot be read, and what runs are refused for.
 */
export async function formatFile(request: FormatRequest, parts: Parts): Promise<FormattedFile> {
  const { id, manifest } = chooseLanguage(request, parts.languages)
  const { format } = manifest
  if (!format) {
    throw invalid(`There is no formatter for ${manifest.name} here.`, [
      { path: 'language', message: 'GET /api/languages says which have one.' },
    ])
  }
  refuseUnreadable(request, format, format.extensions ?? manifest.extensions)
  const execution = await parts.perform(
    {
      language: id,
      version: manifest.version,
      mode: 'format',
      only: [],
      flags: {},
      tty: null,
      artifacts: [],
      owner: parts.owner,
      files: [],
      entry: request.path,
      args: [],
      env: {},
      stdin: Buffer.from(wellFormed(request.content)),
      stdinOpen: false,
      limits: formatLimits,
    },
    { address: parts.address },
  )
  const stop = () => execution.cancel('client')
  parts.signal.addEventListener('abort', stop, { once: true })
  if (parts.signal.aborted) stop()
  try {
    const written = { stdout: '', stderr: '' }
    for await (const event of execution.events) {
      if (event.type === 'output') written[event.stream] += event.text
      if (event.type === 'finished') return formattedOf(event, written, request, format)
    }
  } finally {
    parts.signal.removeEventListener('abort', stop)
  }
  throw new Error('A format job ended without a `finished` event.')
}

/** A formatter takes a second or two at most; one that takes longer has met something it was not made for. */
const formatLimits: Limits = { ...defaultLimits, wall_time_ms: 10_000, cpu_time_ms: 10_000 }

function refuseUnreadable({ path, content }: FormatRequest, { name }: FormatManifest, extensions: readonly string[]): void {
  const wrong = problemOfPath(path)
  if (wrong) throw invalid('The file has a path that cannot be used.', [{ path: 'path', message: wrong }])
  if (!extensions.some((extension) => path.endsWith(extension))) {
    throw invalid(`${name} does not format this file.`, [{ path: 'path', message: `It ends in ${extensions.join(' or ')}.` }])
  }
  const size = Buffer.byteLength(content)
  if (size > requestLimits.formatBytes) {
    throw new AppError('too-large', `${path} is ${bytes(size)}; at most ${bytes(requestLimits.formatBytes)} can be formatted.`)
  }
}

function formattedOf(
  { verdict, truncated }: Ending,
  { stdout, stderr }: { stdout: string; stderr: string },
  { path }: FormatRequest,
  format: FormatManifest,
): FormattedFile {
  const { name } = format
  const refused = (why: string) => invalid(why, [{ path: 'content', message: why }])
  switch (verdict.kind) {
    case 'exited':
      if (verdict.exit_code !== 0) throw refused(problemIn(stderr, path, format))
      if (truncated.stdout) throw new AppError('too-large', `${path} is too long when ${name} has formatted it.`)
      return { content: stdout, formatter: name }
    case 'time-limit':
      throw refused(`${name} was stopped: it took more than ${formatLimits.wall_time_ms / 1000} s for ${path}.`)
    case 'memory-limit':
      throw refused(`${name} was stopped: ${path} took more memory than there is.`)
    case 'process-limit':
      throw refused(`${name} was stopped: it started too many processes for ${path}.`)
    case 'output-limit':
      throw refused(`${name} was stopped: it wrote too much for ${path}.`)
    case 'signaled':
    case 'compile-failed':
      throw refused(problemIn(stderr, path, format))
    case 'cancelled':
    case 'interrupted':
      throw new AppError('unavailable', 'The formatter was stopped before it was done. Try again.')
    case 'sandbox-failed':
      throw new AppError(
        'unavailable',
        `The formatter could not be run. If it happens again, report incident ${verdict.incident}.`,
      )
    default:
      return verdict satisfies never
  }
}

/** A pattern looks at no more than this: whose code it is also decides what a formatter says of it. */
const stderrChars = 4_000
const messageChars = 300

/** One line for people: "main.py:3:5: …". */
function problemIn(stderr: string, path: string, { name, error }: FormatManifest): string {
  const text = stderr.slice(0, stderrChars)
  const found = error === undefined ? null : new RegExp(error, 'm').exec(text)
  const { line, column, message } = found?.groups ?? {}
  const said =
    message ?? (found ? 'This is not valid syntax.' : (text.split('\n').find((one) => one.trim()) ?? `${name} cannot read it.`))
  return `${[path, line, column].filter(Boolean).join(':')}: ${said.trim().slice(0, messageChars)}`
}
