import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { LanguageId, LanguageManifest } from '../protocol/language.ts'
import { readImagePlan } from './image-plan.mjs'

/** A language as its folder tells it. */
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
}

const Expected = z.strictObject({ stdout: z.string() })

/**
 * Reads `<sandboxFolder>/languages/<id>/`: language.json, hello.*, expected.json and the example. Throws one error that lists every problem of every folder,
 * so that somebody who adds a language mends it in one go.
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
        return await readLanguage(folder, id, plan.find((image) => image.id === id)?.tag ?? '')
      } catch (error) {
        problems.push(
          `${id}: ${error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : (error as Error).message}`,
        )
        return undefined
      }
    }),
  )
  if (problems.length > 0) throw new Error(`Unusable languages:\n${problems.join('\n')}`)
  return languages
    .filter((language) => language !== undefined)
    .sort((a, b) => a.manifest.order - b.manifest.order || a.id.localeCompare(b.id))
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

async function readLanguage(folder: string, id: string, image: string): Promise<LoadedLanguage> {
  if (!LanguageId.safeParse(id).success) throw new Error('a language folder is named by lower-case letters and digits')
  const text = (name: string) => readFile(join(folder, id, name), 'utf8')
  const manifest = LanguageManifest.parse(JSON.parse(await text('language.json')))
  const files = await readdir(join(folder, id))
  const hello = files.find((name) => manifest.extensions.some((extension) => name === `hello${extension}`))
  if (!hello) throw new Error(`there is no hello${manifest.extensions[0]}`)
  if (!files.includes('Dockerfile')) throw new Error('there is no Dockerfile')
  const [helloText, expected, example] = await Promise.all([text(hello), text('expected.json'), text(manifest.example.file)])
  return { id, manifest, image, hello: helloText, expected: Expected.parse(JSON.parse(expected)), example }
}
