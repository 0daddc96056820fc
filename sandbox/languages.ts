import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { LanguageFile, LanguageId, type LanguageManifest } from '../protocol/language.ts'
import { readerNames } from './diagnostics/index.ts'
import { readImagePlan } from './images/image-plan.mjs'
import { reportFormats } from './test-reports/index.ts'

/** One version of a language, as its folder tells it. */
export type LoadedLanguage = {
  id: string
  manifest: LanguageManifest
  /** The tag of its sandbox image; it names the content it is built from, so a changed folder is another image. */
  image: string
  /** The smallest program, and exactly what it prints. */
  hello: string
  expected: { stdout: string }
  /** The program with a bug that first-time visitors see. */
  example: string
  /** A file of tests to begin with, of languages that have test mode. */
  testExample: string | null
}

const Expected = z.strictObject({ stdout: z.string() })

/**
 * Reads `<sandboxFolder>/languages/<id>/`: language.json, hello.*, expected.json and the example. Throws one error that lists every problem of every folder,
 * so that somebody who adds a language mends it in one go. One entry for each version; of a language, its first version comes first.
 */
export async function readLanguages(sandboxFolder: string): Promise<LoadedLanguage[]> {
  const folder = join(sandboxFolder, 'languages')
  const ids = await languageFolders(folder)
  const problems: string[] = []
  const plan = await readImagePlan(sandboxFolder).catch((error: Error) => {
    problems.push(error.message)
    return []
  })
  const languages = await Promise.all(
    ids.sort().map(async (id) => {
      try {
        return await readLanguage(
          folder,
          id,
          (version) => plan.find((image) => image.id === id && image.version === version)?.tag ?? '',
        )
      } catch (error) {
        problems.push(
          `${id}: ${error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : (error as Error).message}`,
        )
        return []
      }
    }),
  )
  if (problems.length > 0) throw new Error(`Unusable languages:\n${problems.join('\n')}`)
  return languages.flat().sort((a, b) => a.manifest.order - b.manifest.order || a.id.localeCompare(b.id))
}

/** A folder with neither file is what git leaves behind of a language that another branch has. */
async function languageFolders(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const ids = await Promise.all(
    entries.map(async ({ name }) => {
      const files = await readdir(join(folder, name))
      return files.includes('language.json') || files.includes('Dockerfile') ? [name] : []
    }),
  )
  return ids.flat()
}

/** What the executor works with: the file with one version's differences applied. */
export function manifestsOf({ versions, $schema: _, ...common }: LanguageFile): LanguageManifest[] {
  return versions.map(({ release: _release, args: _args, ...differences }) => ({ ...common, ...differences }))
}

/** A name nobody reads by would only be found out when a program fails. */
function refuseUnknownReaders({ diagnostics, test }: LanguageManifest): void {
  const unknown = diagnostics.filter((name) => !readerNames.includes(name))
  if (unknown.length > 0)
    throw new Error(`nothing reads diagnostics "${unknown.join(', ')}"; there are ${readerNames.join(', ')}`)
  if (test && !reportFormats.includes(test.report.format))
    throw new Error(`nothing reads a report "${test.report.format}"; there are ${reportFormats.join(', ')}`)
}

async function readLanguage(folder: string, id: string, imageOf: (version: string) => string): Promise<LoadedLanguage[]> {
  if (!LanguageId.safeParse(id).success) throw new Error('a language folder is named by lower-case letters and digits')
  const text = (name: string) => readFile(join(folder, id, name), 'utf8')
  const file = LanguageFile.parse(JSON.parse(await text('language.json')))
  for (const manifest of manifestsOf(file)) refuseUnknownReaders(manifest)
  const files = await readdir(join(folder, id))
  const hello = files.find((name) => file.extensions.some((extension) => name === `hello${extension}`))
  if (!hello) throw new Error(`there is no hello${file.extensions[0]}`)
  if (!files.includes('Dockerfile')) throw new Error('there is no Dockerfile')
  const [helloText, expected, example] = await Promise.all([text(hello), text('expected.json'), text(file.example.file)])
  return Promise.all(
    manifestsOf(file).map(async (manifest) => ({
      id,
      manifest,
      image: imageOf(manifest.version),
      hello: helloText,
      expected: Expected.parse(JSON.parse(expected)),
      example,
      testExample: manifest.test ? await text(manifest.test.example.file) : null,
    })),
  )
}
