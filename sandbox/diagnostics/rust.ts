import { nativeStacks } from './native.ts'
import type { Finding, Frame, Program, Reader } from './reader.ts'
import { indentOf, placeAtEnd } from './text.ts'

const headline = /^(error|warning|note|help)(\[E\d+\])?: (.*)$/
const panicLine = /^thread '([^']*)' (?:\(\d+\) )?panicked at (.*)$/
const backtraceCall = /^ *\d+: +(?:0x[0-9a-f]+ - )?(.*)$/
const crateHash = /::h[0-9a-f]{16}$/

/** rustc's messages in the form for people, and panics with or without their backtrace. */
export const rust: Reader = {
  compile: (lines, program) => [...compilerFindings(lines, program), ...panics(lines)],
  run: panics,
  stacks: nativeStacks,
}

function compilerFindings(lines: readonly string[], program: Program): Finding[] {
  const findings: Finding[] = []
  for (let at = 0; at < lines.length; at++) {
    const head = headline.exec(lines[at]!)
    if (!head) continue
    const arrow = lines[at + 1]?.trimStart()
    const place = arrow?.startsWith('--> ') ? placeAtEnd(arrow.slice(4)) : null
    // "aborting due to 2 previous errors" is no error of its own.
    if (!place?.column) continue
    const [, kind, code, message] = head
    // What helps is said below the code, as a change to make; a note in the library is nothing to change.
    if (kind === 'help' || (kind === 'note' && !program.isOwn(place.file))) continue
    const label = labelBelow(lines, at + 2)
    findings.push({
      severity: kind === 'error' ? 'error' : kind === 'warning' ? 'warning' : 'note',
      message: `${message}${label && !message!.includes(label) ? `: ${label}` : ''}${code ? ` ${code}` : ''}`,
      at: { file: place.file, line: place.line, column: { at: place.column, unit: 'characters' } },
    })
  }
  return findings
}

/** What stands behind the first ^^^ under the code: often the half that says what to do. */
function labelBelow(lines: readonly string[], from: number): string {
  for (let at = from; at < Math.min(lines.length, from + 20); at++) {
    const line = lines[at]!
    const bar = line.indexOf('|')
    if (bar === -1) return ''
    const end = line.lastIndexOf('^')
    // Only marks and blanks may stand before it, or it is code.
    if (end > bar && /^[ \-_|^]*$/.test(line.slice(bar + 1, end + 1))) {
      const label = line.slice(end + 1).trim()
      // "- help: …" is a change to make, not what is wrong.
      return label.startsWith('help: ') || label.startsWith('-') ? '' : label
    }
  }
  return ''
}

function panics(lines: readonly string[]): Finding[] {
  const findings: Finding[] = []
  for (let at = 0; at < lines.length; at++) {
    const head = panicLine.exec(lines[at]!)
    if (!head) continue
    const { message, place, next } = panicAt(lines, at, head[2]!)
    const { frames, end } = backtraceFrom(lines, next)
    const found = place
      ? { file: place.file, line: place.line, column: { at: place.column, unit: 'characters' as const } }
      : undefined
    // A panic in the library, as of a slice, names the library's own line where it cannot tell its caller's.
    const own = found && !found.file.startsWith('/') ? { at: found } : {}
    findings.push({ severity: 'error', message: `panicked: ${message}`, ...own, ...(frames.length > 0 ? { frames } : {}) })
    at = end - 1
  }
  return findings
}

/** From 1.73 the message stands on the line below; before, it was quoted in front of the place. */
function panicAt(lines: readonly string[], at: number, text: string) {
  if (text.endsWith(':')) return { place: placeAtEnd(text.slice(0, -1)), message: lines[at + 1] ?? '', next: at + 2 }
  const comma = text.lastIndexOf(', ')
  const quoted = comma === -1 ? text : text.slice(0, comma)
  const message = quoted.startsWith("'") ? quoted.slice(1, quoted.endsWith("'") ? -1 : undefined) : quoted
  return { place: comma === -1 ? null : placeAtEnd(text.slice(comma + 2)), message, next: at + 1 }
}

function backtraceFrom(lines: readonly string[], from: number): { frames: Frame[]; end: number } {
  let at = from
  while (at < lines.length && at < from + 50 && lines[at] !== 'stack backtrace:' && !panicLine.test(lines[at]!)) at++
  const frames: Frame[] = []
  if (lines[at] !== 'stack backtrace:') return { frames, end: from }
  for (at++; at < lines.length; at++) {
    const line = lines[at]!
    const trimmed = line.trimStart()
    const call = backtraceCall.exec(line)
    if (trimmed.startsWith('at ') && indentOf(line) > 8) {
      const place = placeAtEnd(trimmed.slice(3))
      const frame = frames.at(-1)
      if (!frame || !place) continue
      frame.file = place.file
      frame.line = place.line
      if (place.column) frame.column = { at: place.column, unit: 'characters' }
    } else if (call && indentOf(line) > 0) {
      frames.push({ file: '', line: 0, function: call[1]!.replace(crateHash, '') })
    } else break
  }
  return { frames, end: at }
}
