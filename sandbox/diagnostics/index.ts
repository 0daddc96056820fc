import type { Diagnostic, StackFrame, ThreadStack } from '../../protocol/diagnostic.ts'
import { bash } from './bash.ts'
import { charactersOf } from './columns.ts'
import { gcc } from './gcc.ts'
import { go } from './go.ts'
import { java } from './java.ts'
import { lua } from './lua.ts'
import { native } from './native.ts'
import { node } from './node.ts'
import { php } from './php.ts'
import { type Whereabouts, whereaboutsIn } from './places.ts'
import { python } from './python.ts'
import type { Finding, Frame, Place, Program, Reader } from './reader.ts'
import { ruby } from './ruby.ts'
import { rust } from './rust.ts'
import { sanitizer } from './sanitizer.ts'
import { sqlite } from './sqlite.ts'
import { linesOf } from './text.ts'

/** A language's manifest names those its tools need. */
const readers: Readonly<Record<string, Reader>> = {
  bash,
  gcc,
  go,
  java,
  lua,
  native,
  node,
  php,
  python,
  ruby,
  rust,
  sanitizer,
  sqlite,
}
export const readerNames: readonly string[] = Object.keys(readers)

/** Beyond these nobody reads, and an ending stays small enough to store and send. */
const most = { findings: 1000, diagnostics: 100, frames: 50, threads: 128, messageChars: 1000, nameChars: 500 } as const

type Sources = {
  /** The paths of the run's files. */
  files: readonly string[]
  /** The text of one of them. With it, columns are right in lines with more than ASCII in them, and Python's have any. */
  sourceOf?: (path: string) => string | undefined
}

/** What there is to read errors from. */
export type Written = Sources & {
  readers: readonly string[]
  stdout: string
  stderr: string
  compileOutput: string
  entry: string
}

/**
 * The errors, warnings and notes in what a compiler and a program wrote, as places in the run's files where possible: at most 100,
 * in the order they were written, of an error with causes the outermost first and the causes after it as notes.
 * A hint, never a verdict: the program can print what looks like an error. Never throws.
 */
export function diagnosticsOf(written: Written): Diagnostic[] {
  const { known, program } = knowing(written, written.entry)
  const chosen = chosenOf(written.readers)
  const found: Finding[] = []
  const read = (text: string, end: 'first' | 'last', of: 'compile' | 'run') => {
    if (text === '') return
    const lines = linesOf(text, end)
    for (const reader of chosen) for (const finding of reader[of]?.(lines, program) ?? []) found.push(finding)
  }
  read(written.compileOutput, 'first', 'compile')
  const compiled = found.length
  read(written.stderr, 'last', 'run')
  // On a terminal there is only one stream, and some interpreters complain on stdout.
  if (found.length === compiled) read(written.stdout, 'last', 'run')

  const seen = new Set<string>()
  const diagnostics: Diagnostic[] = []
  for (const finding of found.slice(0, most.findings)) {
    const diagnostic = diagnosticOf(finding, known, program)
    if (!diagnostic) continue
    const { file, line, column, severity, message } = diagnostic
    // A runtime may say it twice: in the thread that failed and in the one that waited for it.
    const key = JSON.stringify([file, line, column, severity, message])
    if (seen.has(key)) continue
    seen.add(key)
    diagnostics.push(diagnostic)
    if (diagnostics.length === most.diagnostics) break
  }
  return diagnostics
}

/** Where every thread of a program was when it was asked, the main one first. Empty when nothing can be read. Never throws. */
export function stacksOf({
  readers: names,
  text,
  ...sources
}: Sources & { readers: readonly string[]; text: string }): ThreadStack[] {
  const { known, program } = knowing(sources, '')
  // A thread may be one line of JSON, with all its frames.
  const lines = linesOf(text, 'first', Number.POSITIVE_INFINITY)
  for (const reader of chosenOf(names)) {
    const threads = reader.stacks?.(lines, program) ?? []
    if (threads.length > 0) {
      return threads.slice(0, most.threads).map(({ thread, frames }) => ({
        thread: thread.slice(0, most.nameChars),
        frames: frames.slice(0, most.frames).map((frame) => frameOf(frame, known, program)),
      }))
    }
  }
  return []
}

const chosenOf = (names: readonly string[]): Reader[] =>
  names.flatMap((name) => (Object.hasOwn(readers, name) ? [readers[name]!] : []))

function knowing({ files, sourceOf }: Sources, entry: string): { known: (printed: string) => Whereabouts; program: Program } {
  const known = whereaboutsIn(files)
  const linesByFile = new Map<string, string[]>()
  return {
    known,
    program: {
      files,
      entry,
      isOwn: (file) => known(file).own,
      lineOf: (printed, line) => {
        const { file, own } = known(printed)
        if (!own || !sourceOf) return undefined
        let lines = linesByFile.get(file)
        if (!lines) {
          lines = (sourceOf(file) ?? '').split('\n')
          linesByFile.set(file, lines)
        }
        return lines[line - 1]?.replace(/\r$/, '')
      },
    },
  }
}

/** Null when the error has no place: a line that is made up would mislead. */
function diagnosticOf(
  { severity, message, at, frames = [] }: Finding,
  known: (printed: string) => Whereabouts,
  program: Program,
): Diagnostic | null {
  const isLibrary = (frame: Frame) => frame.library ?? !known(frame.file).own
  const place = at ?? frames.find((frame) => frame.line > 0 && !isLibrary(frame)) ?? frames.find((frame) => frame.line > 0)
  if (!place || place.line < 1) return null
  const { file } = known(place.file)
  if (file === '') return null
  const column = columnOf(place, program)
  return {
    file: file.slice(0, most.nameChars),
    line: place.line,
    ...(column ? { column } : {}),
    severity,
    message: oneLine(message),
    ...(frames.length > 0 ? { frames: frames.slice(0, most.frames).map((frame) => frameOf(frame, known, program)) } : {}),
  }
}

function frameOf(frame: Frame, known: (printed: string) => Whereabouts, program: Program): StackFrame {
  const { file, own } = known(frame.file)
  const column = columnOf(frame, program)
  return {
    file: file.slice(0, most.nameChars),
    line: frame.line,
    ...(column ? { column } : {}),
    ...(frame.function ? { function: frame.function.slice(0, most.nameChars) } : {}),
    library: frame.library ?? !own,
  }
}

function columnOf({ file, line, column }: Place, program: Program): number | undefined {
  if (!column || column.at < 1) return undefined
  return column.unit === 'characters' ? column.at : charactersOf(column, program.lineOf(file, line))
}

function oneLine(message: string): string {
  const trimmed = message.trim()
  const end = trimmed.indexOf('\n')
  const line = end === -1 ? trimmed : trimmed.slice(0, end).trimEnd()
  return line.length > most.messageChars ? `${line.slice(0, most.messageChars - 1)}…` : line
}
