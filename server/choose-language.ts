import semver from 'semver'
import type { LanguageManifest } from '../protocol/language.ts'
import type { RunRequest } from '../protocol/run.ts'
import { invalid } from './invalid.ts'

/** One installed version of a language. */
type Version = { id: string; manifest: Pick<LanguageManifest, 'version'> }

/**
 * The version a request means: the language's first when it names none, else the newest that is in its semver range.
 * Throws AppError `invalid` that lists what there is.
 */
export function chooseLanguage<L extends Version>(request: Pick<RunRequest, 'language' | 'version'>, languages: readonly L[]): L {
  const versions = languages.filter(({ id }) => id === request.language)
  const [first] = versions
  if (!first) {
    const ids = [...new Set(languages.map(({ id }) => id))]
    throw invalid('There is no such language here.', [
      { path: 'language', message: `One of: ${ids.join(', ') || '(none is installed)'}.` },
    ])
  }
  if (request.version === undefined) return first
  const listed = versions.map(({ manifest }) => manifest.version).join(', ')
  const range = semver.validRange(request.version)
  if (range === null) {
    throw invalid('This is not a version.', [
      {
        path: 'version',
        message: `A version or a semver range like "${first.manifest.version}" or ">=1 <3". Installed: ${listed}.`,
      },
    ])
  }
  const newest = versions
    .filter(({ manifest }) => semver.satisfies(fullVersion(manifest.version), range))
    .sort((a, b) => semver.rcompare(fullVersion(a.manifest.version), fullVersion(b.manifest.version)))[0]
  if (!newest) {
    throw invalid('This version is not installed.', [
      { path: 'version', message: `${request.language} is here in ${listed}. Leave the field out, or ask for one of these.` },
    ])
  }
  return newest
}

/** "3.13" is what people say; semver wants three numbers. */
function fullVersion(version: string): string {
  return [...version.split('.'), '0', '0'].slice(0, 3).join('.')
}
