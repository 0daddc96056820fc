import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Diagnostic, type StackFrame, ThreadStack } from '../../protocol/diagnostic.ts'
import { diagnosticsOf, readerNames, stacksOf } from './index.ts'

/**
 * Every file in samples/<reader>/ is a program, what real tools said about it, and how that is to be read:
 * "#### file main.py", "#### compile", "#### stdout", "#### stderr" or "#### stacks", and last "#### expected".
 */
const folder = join(import.meta.dirname, 'samples')
const samples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.txt'))
  .sort()

test.each(samples)('reads %s', (path) => {
  const sections = sectionsOf(readFileSync(join(folder, path), 'utf8'))
  const files = new Map(
    [...sections].flatMap(([name, text]) => (name.startsWith('file ') ? [[name.slice(5), text] as const] : [])),
  )
  const sources = { files: [...files.keys()], sourceOf: (file: string) => files.get(file) }
  const readers = [path.split('/')[0]!, ...(sections.get('readers')?.trim().split(' ') ?? [])]
  const asked = sections.get('stacks')
  const read =
    asked === undefined
      ? diagnosticsOf({
          readers,
          stdout: sections.get('stdout') ?? '',
          stderr: sections.get('stderr') ?? '',
          compileOutput: sections.get('compile') ?? '',
          entry: [...files.keys()][0] ?? '',
          ...sources,
        }).map((diagnostic) => inWords(Diagnostic.parse(diagnostic)))
      : stacksOf({ readers, text: asked, ...sources }).map((stack) => stackInWords(ThreadStack.parse(stack)))
  expect(read.join('')).toBe(sections.get('expected'))
})

test('there are at least twelve real messages for each family of tools', () => {
  const counts = Object.fromEntries(
    readerNames.map((name) => [name, samples.filter((path) => path.startsWith(`${name}/`)).length]),
  )
  const { native: _, sanitizer: __, ...families } = counts
  expect(Object.values(families).every((count) => count >= 12)).toBe(true)
})

function sectionsOf(text: string): Map<string, string> {
  const sections = new Map<string, string>()
  for (const part of `\n${text}`.split('\n#### ').slice(1)) {
    const end = part.indexOf('\n')
    sections.set(part.slice(0, end), `${part.slice(end + 1)}\n`.replace(/\n\n$/, '\n').replace(/^\n$/, ''))
  }
  return sections
}

function inWords({ severity, message, frames = [], ...place }: Diagnostic): string {
  return `${severity} ${placeInWords(place)}: ${message}\n${frames.map(frameInWords).join('')}`
}

const stackInWords = ({ thread, frames }: ThreadStack) => `${thread}\n${frames.map(frameInWords).join('')}`

const frameInWords = (frame: StackFrame) =>
  `    ${placeInWords(frame)}${frame.function ? ` in ${frame.function}` : ''}${frame.library ? ' (library)' : ''}\n`

const placeInWords = ({ file, line, column }: { file: string; line: number; column?: number | undefined }) =>
  `${file}:${line}${column ? `:${column}` : ''}`
