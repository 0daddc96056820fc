import type { Finding, Frame, Program, Reader, Thread } from './reader.ts'
import { indentOf, numberOf, placeAtEnd } from './text.ts'

/** Who the frame is in: 3.3 and before quote it as `name', later as 'Class#name'. */
const inFunction = /^in [`']([^']*)'(?:: (.*))?$/
const classAtEnd = /^(.*) \(([A-Z][\w:]*)\)$/
const placed = /^(<internal:[^>]*>|[^:\s][^:]*):(\d+): (.*)$/

/** Uncaught exceptions with their causes, syntax errors and warnings of ruby 2.5 and later, and what a program that was asked for its stacks says. */
export const ruby: Reader = { compile: findingsOf, run: findingsOf, stacks: stacksOf }

function findingsOf(lines: readonly string[], program: Program): Finding[] {
  const findings: Finding[] = []
  /** The error whose frames are being read, and what it says so far. */
  let current: (Finding & { frames: Frame[] }) | null = null
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at]!
    if (text.startsWith('\tfrom ')) {
      const frame = frameOf(text.slice('\tfrom '.length))
      if (frame) current?.frames.push(frame)
      continue
    }
    const error = errorOf(text)
    if (error) {
      // A cause is printed right behind the frames of what it caused.
      const cause: boolean = current !== null && lines[at - 1]!.startsWith('\tfrom ') && current.frames.length > 1
      const column = caretColumn(lines, at + 1)
      const [frame] = error.frames
      if (frame && column) frame.column = { at: column, unit: 'characters' }
      current = cause ? { ...error, severity: 'note', message: `Caused by: ${error.message}` } : error
      findings.push(current)
      continue
    }
    const other = placed.exec(text)
    if (!other) continue
    const [, file, line, message] = other
    const place = { file: file!, line: numberOf(line) }
    if (message!.startsWith('warning: ')) {
      findings.push({ severity: 'warning', message: message!.slice('warning: '.length), at: place })
    } else if (program.isOwn(file!) && (message!.includes('syntax error') || message!.endsWith('(SyntaxError)'))) {
      const column = caretColumn(lines, at)
      const said = classAtEnd.exec(message!)?.[1] ?? message!
      findings.push({
        severity: 'error',
        message: `SyntaxError: ${said}`,
        at: { ...place, ...(column ? { column: { at: column, unit: 'characters' } } : {}) },
      })
    }
  }
  return findings
}

/** "main.rb:2:in `share': divided by 0 (ZeroDivisionError)" */
function errorOf(text: string): (Finding & { frames: Frame[] }) | null {
  const split = splitFrame(text)
  if (!split || split.message === null || split.message.startsWith('warning: ') || split.message.startsWith('--> ')) return null
  const named = classAtEnd.exec(split.message)
  const message = named ? `${named[2]}: ${named[1]}` : split.message
  return { severity: 'error', message, frames: [split.frame] }
}

const frameOf = (text: string): Frame | null => splitFrame(text)?.frame ?? null

function splitFrame(text: string): { frame: Frame; message: string | null } | null {
  const separator = text.indexOf(':in ')
  const place = placeAtEnd(separator === -1 ? text : text.slice(0, separator))
  if (!place || place.file === '') return null
  const at = place.column ? { file: `${place.file}:${place.line}`, line: place.column } : { file: place.file, line: place.line }
  if (separator === -1) return { frame: at, message: null }
  const rest = inFunction.exec(text.slice(separator + 1))
  if (!rest) return null
  return { frame: { ...at, function: rest[1]! }, message: rest[2] ?? null }
}

/** The marks of error_highlight, under the source line that comes after a blank one; or those of a syntax error, right below. */
function caretColumn(lines: readonly string[], from: number): number | null {
  for (let at = from; at < Math.min(lines.length, from + 5); at++) {
    const text = lines[at]!
    if (text.startsWith('\tfrom ')) return null
    if (text.includes('^') && /^[ \t]*\^[\^~]*$/.test(text)) return indentOf(text) + 1
  }
  return null
}

/** "main (sleep_forever):", then a "\tfrom …" line for each frame. */
function stacksOf(lines: readonly string[]): Thread[] {
  const threads: Thread[] = []
  for (const line of lines) {
    const frame = line.startsWith('\tfrom ') ? frameOf(line.slice('\tfrom '.length)) : null
    if (frame) threads.at(-1)?.frames.push(frame)
    else if (!line.startsWith('\t') && line.endsWith('):')) threads.push({ thread: line.slice(0, -1), frames: [] })
  }
  return threads.filter(({ frames }) => frames.length > 0)
}
