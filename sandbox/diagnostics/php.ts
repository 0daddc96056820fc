import type { Finding, Frame, Reader } from './reader.ts'
import { numberOf } from './text.ts'

const levels: Readonly<Record<string, Finding['severity']>> = {
  'Fatal error': 'error',
  'Parse error': 'error',
  'Recoverable fatal error': 'error',
  Warning: 'warning',
  Deprecated: 'warning',
  Notice: 'note',
  'Strict Standards': 'note',
}
const frameLine = /^#\d+ (.*)$/
const uncaught = 'Uncaught '

/** The command line's messages, as they are logged ("PHP Warning:  …") and as they are shown ("Warning: …"). */
export const php: Reader = { compile: findingsOf, run: findingsOf }

function findingsOf(lines: readonly string[]): Finding[] {
  const findings: Finding[] = []
  for (let at = 0; at < lines.length; at++) {
    const head = headOf(lines[at]!)
    if (!head) continue
    if (!head.message.startsWith(uncaught)) {
      const found = plainOf(head.message)
      if (found) findings.push({ severity: head.severity, ...found })
      continue
    }
    const { errors, end } = uncaughtFrom(lines, at, head.message.slice(uncaught.length))
    at = end
    // The root cause is printed first, the error nobody caught last.
    errors.reverse().forEach((error, index) => {
      findings.push(index === 0 ? error : { ...error, severity: 'note', message: `Caused by: ${error.message}` })
    })
  }
  return findings
}

function headOf(line: string): { severity: Finding['severity']; message: string } | null {
  const text = line.startsWith('PHP ') ? line.slice('PHP '.length) : line
  const colon = text.indexOf(': ')
  const severity = colon > 0 && Object.hasOwn(levels, text.slice(0, colon)) ? levels[text.slice(0, colon)] : undefined
  return severity ? { severity, message: text.slice(colon + 1).trimStart() } : null
}

/** "Undefined variable $x in /workspace/main.php on line 3" */
function plainOf(text: string): { message: string; at: { file: string; line: number } } | null {
  const on = text.lastIndexOf(' on line ')
  const before = on === -1 ? -1 : text.lastIndexOf(' in ', on)
  const line = on === -1 ? 0 : numberOf(text.slice(on + ' on line '.length))
  return before === -1 || line === 0
    ? null
    : { message: text.slice(0, before), at: { file: text.slice(before + ' in '.length, on), line } }
}

/** From "Exception: bad in /workspace/main.php:3" over its "Stack trace:" and every "Next …" to "  thrown in …". */
function uncaughtFrom(lines: readonly string[], from: number, first: string): { errors: Finding[]; end: number } {
  const errors: Finding[] = []
  let message = first
  let at = from
  while (at < lines.length) {
    const text: string = at === from ? first : lines[at]!
    // The place stands at the end of the message, which may be many lines long.
    const traceFollows = lines[at + 1] === 'Stack trace:'
    if (!traceFollows) {
      at++
      if (at - from > 500 || headOf(lines[at] ?? '')) break
      continue
    }
    const before = text.lastIndexOf(' in ')
    const colon = text.lastIndexOf(':')
    const place =
      before === -1 || colon < before ? null : { file: text.slice(before + 4, colon), line: numberOf(text.slice(colon + 1)) }
    const frames: Frame[] = []
    let inner = place
    at += 2
    for (let call = frameLine.exec(lines[at] ?? ''); call; call = frameLine.exec(lines[++at] ?? '')) {
      const { caller, name } = callOf(call[1]!)
      // Each entry is a call: where it was made, and what it went into, which is where the entry above it stands.
      if (inner) frames.push({ ...inner, ...(name ? { function: name } : {}) })
      inner = caller
    }
    const summary = (message === text && before !== -1 ? text.slice(0, before) : message).split(', called in ')[0]!
    errors.push({
      severity: 'error',
      message: summary,
      ...(place ? { at: place } : {}),
      ...(frames.length > 0 ? { frames } : {}),
    })
    if (lines[at] === '' && lines[at + 1]?.startsWith('Next ')) {
      message = lines[++at]!.slice('Next '.length)
      first = message
      from = at
      continue
    }
    break
  }
  return { errors, end: Math.max(from, Math.min(at, lines.length - 1)) }
}

/** "/workspace/main.php(5): read()", "[internal function]: f()", "{main}" */
function callOf(text: string): { caller: { file: string; line: number } | null; name: string } {
  if (text === '{main}') return { caller: null, name: '{main}' }
  const inside = text.startsWith('[internal function]: ')
  const end = inside ? '[internal function]'.length - 1 : text.indexOf('): ')
  if (end === -1) return { caller: null, name: '' }
  const call = text.slice(text.indexOf(': ', end) + 2)
  const bracket = call.indexOf('(', call.startsWith('{closure') ? call.indexOf('}') : 0)
  const name = bracket === -1 ? call : call.slice(0, bracket)
  if (inside) return { caller: { file: '[internal function]', line: 0 }, name }
  const open = text.lastIndexOf('(', end)
  return { caller: { file: text.slice(0, open), line: numberOf(text.slice(open + 1, end)) }, name }
}
