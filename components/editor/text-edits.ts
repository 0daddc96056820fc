import { diffArrays } from 'diff'

/** A piece of a text to be replaced; lines and columns from 1, columns in UTF-16 units, `to` after the last character. */
export type TextEdit = { from: Spot; to: Spot; text: string }
type Spot = { line: number; column: number }

/** Beyond this many different lines the texts have nothing to do with each other, and finding out what they share would take long. */
const mostDifferences = 2_000

/**
 * What has to be replaced to make `after` of `before`, each list a text's lines: as little as possible, so that a cursor beside it stays
 * where it is.
 */
export function editsBetween(before: readonly string[], after: readonly string[]): TextEdit[] {
  const parts = diffArrays([...before], [...after], { maxEditLength: mostDifferences })
  if (!parts) return editsOf({ at: 0, removed: before, added: after }, before.length)
  const edits: TextEdit[] = []
  let at = 0
  let removed: string[] = []
  let added: string[] = []
  const close = () => {
    edits.push(...editsOf({ at, removed, added }, before.length, before[at - 1]))
    at += removed.length
    removed = []
    added = []
  }
  for (const part of parts) {
    if (part.removed) removed = part.value
    else if (part.added) added = part.value
    else {
      close()
      at += part.value.length
    }
  }
  close()
  return edits
}

/** Lines that stand where others stood, the first of which is `before[at]`. */
type Change = { at: number; removed: readonly string[]; added: readonly string[] }

function editsOf({ at, removed, added }: Change, count: number, lineAbove = ''): TextEdit[] {
  if (removed.length === added.length) return removed.flatMap((line, i) => editOf(at + i + 1, 1, line, added[i] ?? ''))
  if (removed.length > 0 && added.length > 0) return editOf(at + 1, 1, removed.join('\n'), added.join('\n'))
  // Lines that come or go take a line break with them: the one after, or at the end of the text the one before.
  const whole = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
  if (at + removed.length < count) return editOf(at + 1, 1, whole(removed), whole(added))
  const broken = (lines: readonly string[]) => lines.map((line) => `\n${line}`).join('')
  return editOf(at, lineAbove.length + 1, broken(removed), broken(added))
}

/** `before`, which stands at this place, becomes `after`: without what they begin and end with alike. */
function editOf(line: number, column: number, before: string, after: string): TextEdit[] {
  if (before === after) return []
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  // Half a character is not to be replaced.
  if (head > 0 && isHigh(before.charCodeAt(head - 1))) head--
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) tail--
  const spotAt = (offset: number): Spot => {
    const lines = before.slice(0, offset).split('\n')
    const last = lines.at(-1) ?? ''
    return { line: line + lines.length - 1, column: lines.length === 1 ? column + last.length : last.length + 1 }
  }
  return [{ from: spotAt(head), to: spotAt(before.length - tail), text: after.slice(head, after.length - tail) }]
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000
