/**
 * How much of one text is read. A compiler's first errors are the ones that matter, and the last words of a program; in between, a
 * megabyte of output costs nothing.
 */
const readChars = 128 * 1024
/** Where a message goes on beyond this, nobody reads. */
const lineChars = 2000

/** The lines of a text as a person would see them: without colours, links and other escapes, and without carriage returns at the end. */
export function linesOf(text: string, end: 'first' | 'last', longest = lineChars): string[] {
  let part = text
  if (text.length > readChars) {
    part = end === 'first' ? text.slice(0, readChars) : text.slice(-readChars)
    // Half a line could be mistaken for something it is not.
    part = end === 'first' ? part.slice(0, part.lastIndexOf('\n') + 1) : part.slice(part.indexOf('\n') + 1)
  }
  if (part.includes('\x1b')) {
    part = part.replace(/\x1b\[[0-9;:?]*[A-Za-z]/g, '').replace(/\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)/g, '')
  }
  return part.split('\n').map((line) => {
    const end = line.endsWith('\r') ? line.length - 1 : line.length
    return line.slice(0, Math.min(end, longest))
  })
}

/** Digits as a number a schema takes, or 0. */
export function numberOf(digits: string | undefined): number {
  const number = Number(digits)
  return Number.isSafeInteger(number) && number >= 0 ? number : 0
}

/** How many blanks and tabs a line begins with. */
export function indentOf(line: string): number {
  let at = 0
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

/** Splits "path:12:34" or "path:12" at the end of a text. Null when there is no line number. */
export function placeAtEnd(text: string): { file: string; line: number; column: number } | null {
  const last = trailingNumber(text)
  if (!last) return null
  const before = trailingNumber(last.rest)
  return before
    ? { file: before.rest, line: before.number, column: last.number }
    : { file: last.rest, line: last.number, column: 0 }
}

function trailingNumber(text: string): { rest: string; number: number } | null {
  let at = text.length
  while (at > 0 && isDigit(text.charCodeAt(at - 1))) at--
  if (at === text.length || at < 2 || text[at - 1] !== ':') return null
  return { rest: text.slice(0, at - 1), number: numberOf(text.slice(at)) }
}

const isDigit = (code: number) => code >= 48 && code <= 57
