import { AppError } from '../protocol/errors.ts'
import type { LanguageManifest } from '../protocol/language.ts'
import { defaultLimits, type Limits, requestLimits } from '../protocol/limits.ts'
import type { RunRequest } from '../protocol/run.ts'
import { bytes } from '../protocol/words.ts'
import type { Job } from '../sandbox/executor.ts'
import { chooseLanguage } from './choose-language.ts'
import { entryOf, filesOf, wellFormed } from './run-files.ts'
import { flagsOf, modeOf, onlyOf, terminalOf } from './run-options.ts'
import type { RunRecord } from './store.ts'

/** What a request is read by, one for each installed version of a language. */
export type Installed = {
  id: string
  manifest: Pick<LanguageManifest, 'name' | 'version' | 'entry' | 'extensions' | 'flags' | 'test'>
}

/** A request with nothing left to decide: what is kept of it, and what the executor gets. */
export type NewRun = {
  record: Pick<
    RunRecord,
    | 'language'
    | 'version'
    | 'mode'
    | 'only'
    | 'flags'
    | 'tty'
    | 'artifacts'
    | 'files'
    | 'entry'
    | 'stdin'
    | 'args'
    | 'env'
    | 'limits'
  >
  job: Job
}

/**
 * Reads a request that already has the right shape. Throws AppError `invalid` with every field that is wrong and what is
 * allowed there, or `too-large` when files or input are over their limit. `owner` is who waits, for fairness among waiting runs.
 */
export function newRun(request: RunRequest, languages: readonly Installed[], owner: string): NewRun {
  const language = chooseLanguage(request, languages)
  const mode = modeOf(request, language)
  const only = onlyOf(request, mode, language.manifest)
  const flags = flagsOf(request, language.manifest)
  const tty = terminalOf(request)
  const artifacts = request.artifacts ?? []
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
  const { compile, ...own } = request.limits ?? {}
  const limits: Limits = {
    ...defaultLimits,
    cpu_time_ms: wallTimeMs,
    ...definedIn(own),
    wall_time_ms: wallTimeMs,
    compile: { ...defaultLimits.compile, ...definedIn(compile ?? {}) },
  }
  const args = (request.args ?? []).map(wellFormed)
  const env = Object.fromEntries(Object.entries(request.env ?? {}).map(([name, value]) => [name, wellFormed(value)]))
  return {
    record: {
      language: language.id,
      version: language.manifest.version,
      mode,
      only,
      flags,
      tty,
      artifacts,
      files: files.map((file) => file.kept),
      entry,
      stdin,
      args,
      env,
      limits,
    },
    job: {
      language: language.id,
      version: language.manifest.version,
      mode,
      only,
      flags,
      tty,
      artifacts,
      owner,
      files: files.map((file) => ({ path: file.kept.path, content: file.content })),
      entry,
      args,
      env,
      stdin: stdinBytes,
      // Nobody can type into a run whose answer they are waiting for, and who names the input has named all of it.
      stdinOpen: request.wait === false && request.stdin === undefined,
      interactive: request.wait === false,
      limits,
    },
  }
}

/** Without the keys that are there but undefined, which would hide a default. */
const definedIn = <T extends object>(given: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }
