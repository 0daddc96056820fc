import type { Run } from '../../../protocol/run.ts'

const linesShown = 9
/** What fits beside the numbers. */
const columnsShown = 62

/** The lines of a program that stand for it in a small picture. */
export type PictureLines = {
  path: string
  lines: { number: number; text: string; isWrong: boolean }[]
  /** How many lines come after these. */
  more: number
  /** What is wrong with the line that is; null when none is. */
  mistake: string | null
}

/**
 * Those around the first mistake the run found in one of its files, or the first of the entry file. Null where there is no text.
 * Only characters that the picture's font has: one that it lacks would be looked for on the internet.
 */
export function pictureLines({ files, entry, diagnostics }: Pick<Run, 'files' | 'entry' | 'diagnostics'>): PictureLines | null {
  const texts = files.filter(({ encoding }) => encoding !== 'base64')
  const mistake = diagnostics.find(({ severity, file }) => severity === 'error' && texts.some(({ path }) => path === file))
  const file = texts.find(({ path }) => path === (mistake?.file ?? entry))
  const lines = file?.content.trimEnd().split(/\r\n|\r|\n/) ?? []
  if (!file || lines.every((line) => line.trim() === '')) return null
  const wanted = (mistake?.line ?? 1) - 1 - Math.floor(linesShown / 2)
  const from = Math.max(0, Math.min(wanted, lines.length - linesShown))
  const shown = lines.slice(from, from + linesShown)
  return {
    path: drawable(file.path),
    lines: shown.map((text, nth) => ({
      number: from + nth + 1,
      text: cut(drawable(text.replaceAll('\t', '    '))),
      isWrong: from + nth + 1 === mistake?.line,
    })),
    more: lines.length - from - shown.length,
    mistake: mistake ? cut(drawable(mistake.message.split('\n', 1)[0] ?? '')) : null,
  }
}

/** With a dot for every character that is not of western Europe. */
export const drawable = (text: string): string => text.replace(/[^\x20-\x7e\xa0-\xff–—‘’“”…€]/gu, '·')

const cut = (line: string): string => (line.length > columnsShown ? `${line.slice(0, columnsShown - 1)}…` : line)
