import { z } from 'zod'
import type { Finding, Frame, Place, Program, Reader, Thread } from './reader.ts'
import { indentOf, numberOf, placeAtEnd } from './text.ts'

/** `main.ts(1,7): error TS2322: …`, and with --pretty `main.ts:1:7 - error TS2322: …` */
const plainCompilerLine = /^([^\s(][^(]*)\((\d+),(\d+)\): (error|warning) (TS\d+: .*)$/
const prettyCompilerLine = /^([^\s:][^:]*):(\d+):(\d+) - (error|warning) (TS\d+: .*)$/
const namedError =
  /^(?:\[cause\]: |\[)?((?:[A-Z][\w$]*\.)*(?:[A-Z][\w$]*)?(?:Error|Exception|Rejection)(?: \[[A-Z0-9_]+\])?(?::.*)?)$/

/** With --trace-warnings its stack follows. */
const warningLine = /^\(node:\d+\) (?:\[\w+\] )?(\w*Warning: .*)$/

/** V8's stacks as Node prints them, syntax errors, what `tsc` says; and the stacks a Node was asked for, as JSON lines. */
export const node: Reader = {
  compile: findingsOf,
  run: findingsOf,
  stacks: stacksOf,
}

function findingsOf(lines: readonly string[], program: Program): Finding[] {
  return [...compilerFindings(lines), ...runFindings(lines, program)]
}

function compilerFindings(lines: readonly string[]): Finding[] {
  return lines.flatMap((text) => {
    const matched = plainCompilerLine.exec(text) ?? prettyCompilerLine.exec(text)
    if (!matched) return []
    const [, file, line, column, severity, message] = matched
    return [
      {
        severity: severity === 'warning' ? 'warning' : 'error',
        message: message!,
        at: { file: file!, line: numberOf(line), column: { at: numberOf(column), unit: 'utf16' } },
      },
    ]
  })
}

/** What an uncaught error begins with: the place, the source line, a mark below it. */
type Header = { at: Place; end: number }
/** The line that names an error whose stack is still to come. */
type Named = { severity: Finding['severity']; message: string; header: Header | null }

function runFindings(lines: readonly string[], program: Program): Finding[] {
  const findings: Finding[] = []
  let named: Named | null = null
  let inAggregate = false
  const stackFollows = lookAhead(lines)
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at]!
    const header = headerAt(lines, at)
    if (header) {
      // The error follows, after a blank line or none; whatever its name is, and also when it is no error at all.
      const next = lines[header.end + 1] === '' ? header.end + 2 : header.end + 1
      const message = lines[next]?.trim()
      at = message ? next : header.end
      if (!message) continue
      named = { severity: 'error', message: withDifference(unbracketed(message), lines, next), header }
      if (message.startsWith('[') || !stackFollows(next + 1)) {
        findings.push({ severity: 'error', message: named.message, at: header.at })
        named = null
      }
      continue
    }
    if (frameOf(text)) {
      const frames = framesFrom(lines, at)
      if (named) findings.push(finding(named, frames.frames, program))
      named = null
      at = frames.end - 1
      continue
    }
    const trimmed = text.trimStart()
    if (trimmed === '[errors]: [') inAggregate = true
    if (text === '}') inAggregate = false
    if (named) continue
    const head = namedError.exec(trimmed)
    const warning = warningLine.exec(text)
    if (head) {
      const cause = inAggregate || trimmed.startsWith('[cause]: ')
      const message = withDifference(unbracketed(head[1]!), lines, at)
      named = { severity: cause ? 'note' : 'error', message: cause ? `Caused by: ${message}` : message, header: null }
    } else if (warning && frameOf(lines[at + 1] ?? '')) {
      named = { severity: 'warning', message: warning[1]!, header: null }
    } else if (trimmed.includes('Error: ') && frameOf(lines[at + 1] ?? '')) {
      // console.error('failed:', error)
      const start = errorNameIn(trimmed)
      if (start !== -1) named = { severity: 'error', message: trimmed.slice(start), header: null }
    }
  }
  return findings
}

function finding({ severity, message, header }: Named, frames: Frame[], program: Program): Finding {
  const found: Finding = { severity, message, frames }
  const own = frames.some(({ file }) => program.isOwn(file))
  // A file that does not parse is in no stack of its own, and its calls are all the runtime's.
  if (header && !own && !isInternal(header.at.file)) return { ...found, at: header.at }
  const imported = own ? null : importOf(message, program)
  return imported ? { ...found, at: imported } : found
}

/** "Cannot find package 'x' imported from /workspace/main.mjs": the line that does it, where the source is known. */
function importOf(message: string, program: Program): Place | null {
  const from = message.indexOf("' imported from ")
  const quote = message.lastIndexOf("'", from - 1)
  if (from === -1 || quote === -1) return null
  const file = message.slice(from + "' imported from ".length)
  const wanted = message.slice(quote + 1, from)
  const name = wanted.slice(wanted.lastIndexOf('/') + 1)
  for (let line = 1; line <= 500; line++) {
    const source = program.lineOf(file, line)
    if (source === undefined) return null
    const column = name ? source.indexOf(name) : -1
    if (column !== -1 && /\b(?:import|export|from)\b/.test(source)) return { file, line }
  }
  return null
}

/** An assertion says only below its headline what was not equal: "2 !== 3". */
function withDifference(message: string, lines: readonly string[], at: number): string {
  const difference = message.endsWith(':') && lines[at + 1]?.trim() === '' ? lines[at + 2]?.trim() : undefined
  return difference && / [!=]==? /.test(difference) ? `${message} ${difference}` : message
}

const isInternal = (file: string) => file.startsWith('node:') || file.startsWith('<')

/** An error without a stack is printed in brackets: "[AggregateError: All promises were rejected] {". */
const unbracketed = (message: string) => (message.startsWith('[') ? message.slice(1).split(']')[0]! : message)

function headerAt(lines: readonly string[], at: number): Header | null {
  const place = lines[at]!.startsWith(' ') ? null : placeAtEnd(lines[at]!)
  if (!place || place.line === 0 || place.column !== 0) return null
  // TypeScript's messages show some lines around the one that is wrong.
  for (let mark = at + 2; mark <= at + 4 && mark < lines.length; mark++) {
    const marks = lines[mark]!
    if (marks.trim() === '' || !/^[ \t]*\^+[ \t]*$/.test(marks)) continue
    // One more source line may follow, and only then the blank line before the error.
    const contextFollows = lines[mark + 1] !== '' && lines[mark + 2] === '' && namedError.test(lines[mark + 3] ?? '')
    return {
      at: { file: place.file, line: place.line, column: { at: indentOf(marks) + 1, unit: 'utf16' } },
      end: contextFollows ? mark + 1 : mark,
    }
  }
  return null
}

/** Whether a stack comes within the lines a message may have. Asked of later and later lines, it reads each only once. */
function lookAhead(lines: readonly string[]): (from: number) => boolean {
  let found = 0
  return (from) => {
    found = Math.max(found, from)
    while (found < lines.length && !frameOf(lines[found]!) && !lines[found]!.startsWith('Node.js v')) found++
    return found < from + 60 && frameOf(lines[found] ?? '') !== null
  }
}

function framesFrom(lines: readonly string[], from: number): { frames: Frame[]; end: number } {
  const frames: Frame[] = []
  let at = from
  for (; at < lines.length; at++) {
    const frame = frameOf(lines[at]!)
    if (frame) frames.push(frame)
    else if (frames.length === 0 || !/^ +\.\.\. \d+ lines matching/.test(lines[at]!)) break
  }
  return { frames, end: at }
}

/** `    at async f (/workspace/main.js:2:21)`, `    at node:internal/main:33:47,`, `    at JSON.parse (<anonymous>)` */
function frameOf(line: string): Frame | null {
  const start = indentOf(line)
  if (start < 4 || !line.startsWith('at ', start)) return null
  let text = line.slice(start + 3)
  if (text.endsWith(' {')) text = text.slice(0, -2)
  if (text.endsWith(',')) text = text.slice(0, -1)
  const bracket = text.endsWith(')') ? text.lastIndexOf(' (') : -1
  const name = (bracket === -1 ? '' : text.slice(0, bracket)).replace(/^async /, '')
  const where = bracket === -1 ? text.replace(/^async /, '') : text.slice(bracket + 2, -1)
  const place = placeAtEnd(where)
  if (!place?.column) return where === '<anonymous>' || where === 'native' ? { file: where, line: 0, function: name } : null
  return { file: place.file, line: place.line, column: { at: place.column, unit: 'utf16' }, ...(name ? { function: name } : {}) }
}

/** Where "TypeError: …" begins in "failed: TypeError: …". */
function errorNameIn(text: string): number {
  const end = text.indexOf('Error: ')
  let start = end
  while (start > 0 && /[\w$]/.test(text[start - 1]!)) start--
  return /[A-Z]/.test(text[start] ?? '') ? start : -1
}

const AskedThread = z.object({
  thread: z.string(),
  state: z.string().optional(),
  waits_for: z.array(z.string()).optional(),
  frames: z.array(
    z.object({ file: z.string(), line: z.number(), column: z.number().optional(), function: z.string().optional() }),
  ),
})

/** One JSON object a line, one for each thread that runs JavaScript; the last line may be cut off. */
function stacksOf(lines: readonly string[]): Thread[] {
  return lines.flatMap((text) => {
    const asked = AskedThread.safeParse(jsonOf(text))
    if (!asked.success) return []
    const { thread, state, waits_for: waitsFor = [], frames } = asked.data
    const idle = waitsFor.length > 0 ? ` (idle, waits for ${waitsFor.join(', ')})` : ' (idle)'
    return [
      {
        thread: state === 'idle' ? `${thread}${idle}` : thread,
        frames: frames.map(({ file, line, column, function: name }) => ({
          file,
          line: numberOf(String(line)),
          ...(column ? { column: { at: numberOf(String(column)), unit: 'utf16' as const } } : {}),
          ...(name ? { function: name } : {}),
        })),
      },
    ]
  })
}

function jsonOf(text: string): unknown {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Cut off, or the program wrote into the file.
    return undefined
  }
}
