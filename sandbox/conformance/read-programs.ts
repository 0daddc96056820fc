import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * A program that has to behave the same from a waiting runtime and from a plain start. Programs lie in `<language>/*.txt`, many to a file:
 *
 *     === what must be the same, as a sentence
 *     args: ["one", "two words"]
 *     stdin: "given up front\n"
 *     --- main.py
 *     import helper
 *     --- helper.py
 *     print("the helper")
 *
 * The lines between the sentence and the first file are optional, and each value is JSON.
 */
export type ConformanceProgram = {
  rule: string
  /** `<language>/<file>:<line>`, for a failure message. */
  where: string
  files: { path: string; content: string }[]
} & z.infer<typeof Headers>

const Headers = z.strictObject({
  args: z.array(z.string()).default([]),
  stdin: z.string().default(''),
  /** Typed while it runs: once stdout ends in the first text, the second is sent; after the last one the input ends. */
  typed: z.array(z.tuple([z.string(), z.string()])).default([]),
  /** Of the run stage. */
  flags: z.array(z.string()).default([]),
  /** The usual entry, unless it is named. */
  entry: z.string().optional(),
  /**
   * For a difference that cannot be removed: the sentence that docs/warm-runtimes.md has of it. The two starts then have to differ, so that
   * the list gets shorter when the difference goes.
   */
  differs: z.string().optional(),
  /** What differs from one plain start to the next, as a regular expression: an address. */
  varies: z.string().optional(),
  /** Only in these versions. */
  versions: z.array(z.string()).optional(),
})

export async function readPrograms(folder: string, language: string): Promise<ConformanceProgram[]> {
  const names = (await readdir(join(folder, language))).filter((name) => name.endsWith('.txt')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, language, name), 'utf8')))
  const programs = names.flatMap((name, index) => parsePrograms(texts[index] as string, `${language}/${name}`))
  const twice = programs.find(({ rule }, at) => programs.findIndex((other) => other.rule === rule) !== at)
  if (twice) throw new Error(`${twice.where}: "${twice.rule}" is there twice`)
  return programs
}

export function parsePrograms(text: string, name: string): ConformanceProgram[] {
  const programs: {
    rule: string
    where: string
    headers: Record<string, unknown>
    files: { path: string; lines: string[] }[]
  }[] = []
  for (const [index, line] of text.replace(/\n$/, '').split('\n').entries()) {
    const where = `${name}:${index + 1}`
    const program = programs.at(-1)
    const file = program?.files.at(-1)
    if (line.startsWith('=== ')) programs.push({ rule: line.slice(4), where, headers: {}, files: [] })
    else if (line.startsWith('--- ') && program) program.files.push({ path: line.slice(4), lines: [] })
    else if (file) file.lines.push(line)
    else if (program && line !== '') {
      const colon = line.indexOf(': ')
      if (colon < 0) throw new Error(`${where}: neither a header nor a file: ${line}`)
      program.headers[line.slice(0, colon)] = JSON.parse(line.slice(colon + 2))
    } else if (line !== '') throw new Error(`${where}: text before the first program`)
  }
  return programs.map(({ rule, where, headers, files }) => {
    const read = Headers.safeParse(headers)
    if (!read.success) throw new Error(`${where}: ${z.prettifyError(read.error)}`)
    if (files.length === 0) throw new Error(`${where}: a program without a file`)
    return { rule, where, ...read.data, files: files.map(({ path, lines }) => ({ path, content: linesToText(lines) })) }
  })
}

/** Blank lines before the next program are for the reader. */
function linesToText(lines: readonly string[]): string {
  const last = lines.findLastIndex((line) => line !== '')
  return lines
    .slice(0, last + 1)
    .map((line) => `${line}\n`)
    .join('')
}
