import type { Column } from './reader.ts'

/**
 * The column in characters, from 1, of a column in the tool's own unit. `line` is the source line, where it is known; without it
 * the number is only right when the line is ASCII, so it is taken as it is.
 */
export function charactersOf({ at, unit }: Column, line: string | undefined): number {
  if (unit === 'characters' || line === undefined) return at
  let seen = 0
  let characters = 0
  for (const character of line) {
    if (seen >= at - 1) break
    seen += unit === 'utf16' ? character.length : unit === 'bytes' ? Buffer.byteLength(character) : cellsOf(character, seen)
    characters++
  }
  // Past the end of the line is a place too: where a semicolon is missing.
  return characters + 1 + Math.max(0, at - 1 - seen)
}

/** How many cells a terminal gives a character that begins after `before` cells. */
export function cellsOf(character: string, before: number): number {
  if (character === '\t') return 8 - (before % 8)
  const code = character.codePointAt(0) ?? 0
  if (isCombining(code)) return 0
  return isWide(code) ? 2 : 1
}

const within = (code: number, ranges: readonly (readonly [number, number])[]) =>
  ranges.some(([first, last]) => code >= first && code <= last)

/** Unicode's East Asian Width W and F, as ranges coarse enough to read: UAX #11. */
const isWide = (code: number) =>
  code >= 0x1100 &&
  within(code, [
    [0x1100, 0x115f],
    [0x2e80, 0x303e],
    [0x3041, 0xa4cf],
    [0xac00, 0xd7a3],
    [0xf900, 0xfaff],
    [0xfe30, 0xfe6f],
    [0xff00, 0xff60],
    [0xffe0, 0xffe6],
    [0x1f300, 0x1f64f],
    [0x1f680, 0x1f6ff],
    [0x1f900, 0x1f9ff],
    [0x20000, 0x3fffd],
  ])

const isCombining = (code: number) =>
  within(code, [
    [0x300, 0x36f],
    [0x200b, 0x200f],
    [0x20d0, 0x20ff],
    [0xfe00, 0xfe0f],
  ])
