import type { Stage } from '../../protocol/run.ts'
import type { Chunk } from '../../protocol/transcript.ts'
import { createAnsiReader, type Piece, type Style } from './ansi.ts'

export type Run = { text: string; style: Style; source: Chunk['source'] }

/** A line as it stands. Only the last one of a screen still changes. */
export type Line = {
  runs: readonly Run[]
  /** UTF-16 units in all runs together. */
  length: number
  /** When its first character was written, in milliseconds since the run was accepted. */
  at: number
  stage: Stage
  /** The program's line goes on in the next one: this one was full. */
  continues: boolean
}

/**
 * Our terminal is this wide. A line of a million characters becomes rows of it, so nothing we do for a line can take long; like
 * in every terminal, \r goes back to the start of the row.
 */
export const screenColumns = 4096

/**
 * The lines of an output that is still growing. Appending costs what is appended, never what is there. The array it shows is the
 * same one throughout: `revision` tells that something in it changed.
 */
export function createScreen() {
  const lines: Line[] = []
  const readers = { stdout: createAnsiReader(), stderr: createAnsiReader(), input: createAnsiReader() }
  let revision = 0
  let open: OpenLine | null = null
  let taken = 0
  let lastTaken: Chunk | undefined

  function lineFor(chunk: Chunk): OpenLine {
    if (!open) {
      open = createOpenLine(chunk)
      lines.push(open.line)
    }
    return open
  }
  function close(continues: boolean): void {
    open?.settle(continues)
    open = null
  }
  function write(text: string, style: Style, chunk: Chunk): void {
    let rest = text
    while (rest !== '') {
      const line = lineFor(chunk)
      rest = line.write(rest, style, chunk.source)
      if (rest !== '') close(true)
    }
  }
  function apply(piece: Piece, chunk: Chunk): void {
    switch (piece.kind) {
      case 'text':
        write(piece.text, piece.style, chunk)
        break
      case 'newline':
        lineFor(chunk)
        close(false)
        break
      case 'return':
        open?.moveTo(0)
        break
      case 'back':
        open?.moveBack()
        break
      case 'erase':
        open?.erase(piece.part)
        break
      default:
        piece satisfies never
    }
  }

  return {
    lines: lines as readonly Line[],
    get revision() {
      return revision
    },
    /** Whether `chunks` goes on from what was taken so far; if not, it belongs on another screen. */
    continuesWith(chunks: readonly Chunk[]): boolean {
      return taken === 0 || (chunks.length >= taken && chunks[taken - 1] === lastTaken)
    },
    /** Takes what is new in `chunks`, of which the first ones were taken before. */
    take(chunks: readonly Chunk[]): void {
      if (chunks.length === taken) return
      for (; taken < chunks.length; taken++) {
        const chunk = chunks[taken]!
        for (const piece of readers[chunk.source].read(chunk.text)) apply(piece, chunk)
        lastTaken = chunk
      }
      open?.refresh()
      revision++
    },
  }
}
export type Screen = ReturnType<typeof createScreen>

type Cell = { text: string; style: Style; source: Chunk['source'] }
type OpenLine = ReturnType<typeof createOpenLine>

/** The line being written: runs while text only arrives at its end, cells from the first time something in it is overwritten. */
function createOpenLine(chunk: Chunk) {
  const runs: Run[] = []
  const line: Line = { runs, length: 0, at: chunk.at, stage: chunk.stage, continues: false }
  let cells: Cell[] | null = null
  let cursor = 0

  function toCells(): Cell[] {
    if (!cells) {
      cells = runs.flatMap((run) => cellsOf(run.text).map((text) => ({ text, style: run.style, source: run.source })))
      cursor = cells.length
    }
    return cells
  }
  function refresh(): void {
    if (!cells) return
    line.runs = joined(cells)
    line.length = line.runs.reduce((sum, run) => sum + run.text.length, 0)
  }

  return {
    line,
    /** Gives back what did not fit. */
    write(text: string, style: Style, source: Chunk['source']): string {
      if (!cells) {
        const fits = wholeCharacters(text, screenColumns - line.length)
        appendRun(runs, fits, style, source)
        line.length += fits.length
        return text.slice(fits.length)
      }
      let used = 0
      for (const cell of cellsOf(text)) {
        if (cursor >= screenColumns) break
        cells[cursor++] = { text: cell, style, source }
        used += cell.length
      }
      return text.slice(used)
    },
    moveTo(column: number): void {
      toCells()
      cursor = column
    },
    moveBack(): void {
      toCells()
      cursor = Math.max(0, cursor - 1)
    },
    erase(part: 'after' | 'before' | 'all'): void {
      const all = toCells()
      if (part === 'after') all.length = Math.min(all.length, cursor)
      else {
        const until = part === 'all' ? all.length : Math.min(all.length, cursor + 1)
        for (let i = 0; i < until; i++) all[i] = { ...all[i]!, text: ' ' }
        if (part === 'all') all.length = Math.min(all.length, cursor)
      }
    },
    refresh,
    settle(continues: boolean): void {
      refresh()
      line.continues = continues
      cells = null
    },
  }
}

function appendRun(runs: Run[], text: string, style: Style, source: Chunk['source']): void {
  const last = runs.at(-1)
  if (last && last.style === style && last.source === source) last.text += text
  else if (text !== '') runs.push({ text, style, source })
}

function joined(cells: readonly Cell[]): Run[] {
  const runs: Run[] = []
  for (const cell of cells) appendRun(runs, cell.text, cell.style, cell.source)
  return runs
}

const ascii = /^[\0-\x7f]*$/
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
function cellsOf(text: string): string[] {
  return ascii.test(text) ? text.split('') : Array.from(graphemes.segment(text), (part) => part.segment)
}

/** At most `units` UTF-16 units of `text`, without half of a pair at the end. */
function wholeCharacters(text: string, units: number): string {
  if (text.length <= units) return text
  const cut = isHighSurrogate(text.charCodeAt(units - 1)) ? units - 1 : units
  return text.slice(0, cut)
}
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

export const textOf = (line: Line): string => line.runs.map((run) => run.text).join('')

/** Everything on the screen as plain text, in the program's own lines. */
export function screenText(screen: Screen): string {
  const parts: string[] = []
  screen.lines.forEach((line, i) => {
    parts.push(textOf(line))
    if (!line.continues && i < screen.lines.length - 1) parts.push('\n')
  })
  return parts.join('')
}
