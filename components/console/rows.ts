import type { Line, Run } from './screen.ts'

/**
 * Where the rows of a text begin when at most `columns` cells fit in one, as offsets in UTF-16 units; the first is 0.
 * Tabs reach to the next multiple of eight, wide characters take two cells, marks that sit on another character none.
 */
export function rowStarts(text: string, columns: number): number[] {
  const starts = [0]
  if (simple.test(text)) {
    for (let at = columns; at < text.length; at += columns) starts.push(at)
    return starts
  }
  let column = 0
  let offset = 0
  for (const character of text) {
    if (column > 0 && column + cellsOf(character, column) > columns) {
      starts.push(offset)
      column = 0
    }
    column += cellsOf(character, column)
    offset += character.length
  }
  return starts
}

const simple = /^[\x20-\x7e\xa0-\u02ff]*$/
const zeroWidth = /\p{M}|[\u200b-\u200d\u2060\ufeff]/u
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
export const tabWidth = 8

function cellsOf(character: string, column: number): number {
  if (character === '\t') return tabWidth - (column % tabWidth)
  if (zeroWidth.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/** The runs between two offsets of a line. */
export function sliceRuns(runs: readonly Run[], from: number, to: number): Run[] {
  const slice: Run[] = []
  let start = 0
  for (const run of runs) {
    const end = start + run.text.length
    if (end > from && start < to) {
      slice.push({ ...run, text: run.text.slice(Math.max(0, from - start), Math.min(run.text.length, to - start)) })
    }
    start = end
    if (start >= to) break
  }
  return slice
}

/** Which rows each line takes. It follows a growing list of lines: only the last line it has seen may have changed since. */
export function createRowIndex(columns: number) {
  /** firstRow[i] is the first row of line i; one more entry holds the total. */
  const firstRow: number[] = [0]

  return {
    columns,
    follow(lines: readonly Line[]): void {
      for (let i = Math.max(0, firstRow.length - 2); i < lines.length; i++) {
        firstRow[i + 1] = firstRow[i]! + rowCount(lines[i]!, columns)
      }
      firstRow.length = lines.length + 1
    },
    get rows(): number {
      return firstRow.at(-1)!
    },
    /** The first row of a line. */
    rowOf: (line: number): number => firstRow[line] ?? 0,
    /** The line a row belongs to, and which of the line's rows it is. */
    locate(row: number): { line: number; part: number } {
      let low = 0
      let high = firstRow.length - 2
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (firstRow[middle]! <= row) low = middle
        else high = middle - 1
      }
      return { line: low, part: row - firstRow[low]! }
    },
  }
}
export type RowIndex = ReturnType<typeof createRowIndex>

function rowCount(line: Line, columns: number): number {
  // No character takes more than two cells but a tab, so most lines need no look at their text.
  if (line.length * 2 <= columns && !line.runs.some((run) => run.text.includes('\t'))) return 1
  return rowStarts(line.runs.map((run) => run.text).join(''), columns).length
}

/** Browsers stop laying out somewhere beyond 16 million pixels (Firefox 17.8, Chrome 33); past this the scroll bar is scaled. */
const tallestPixels = 8_000_000

export type View = { scrollTop: number; viewport: number; rows: number; rowHeight: number }

/** Which rows to render for a scroll position, and where: `top` and `height` are pixels. */
export function visibleRows({ scrollTop, viewport, rows, rowHeight }: View, overscan = 12) {
  const full = rows * rowHeight
  const height = Math.min(full, tallestPixels)
  const scrollable = Math.max(1, height - viewport)
  const position = Math.max(0, Math.min(scrollTop, scrollable))
  // The row at the upper edge, with the fraction of it that is scrolled away.
  const exact = full <= tallestPixels ? position / rowHeight : (position / scrollable) * (rows - viewport / rowHeight)
  const first = Math.max(0, Math.floor(exact) - overscan)
  const last = Math.min(rows, Math.ceil(exact + viewport / rowHeight) + overscan)
  return { first, last, top: full <= tallestPixels ? first * rowHeight : position - (exact - first) * rowHeight, height }
}

/** Where to scroll, in pixels, so that a row stands in the upper third of the view. */
export function scrollTopOf(row: number, { viewport, rows, rowHeight }: Omit<View, 'scrollTop'>): number {
  const first = Math.max(0, row - Math.floor(viewport / rowHeight / 3))
  const full = rows * rowHeight
  if (full <= tallestPixels) return first * rowHeight
  return (first / (rows - viewport / rowHeight)) * (tallestPixels - viewport)
}
