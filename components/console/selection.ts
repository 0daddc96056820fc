import { type Line, textOf } from './screen.ts'

export type StreamFilter = 'all' | 'stdout' | 'stderr'
export type SelectionOptions = { stream: StreamFilter; collapse: boolean }

/**
 * The lines somebody wants to see: those of one stream, and equal ones that follow each other as one with a count. It follows a
 * growing list of lines, of which only the last one it has seen may have changed since; looking again costs what is new.
 */
export function createSelection({ stream, collapse }: SelectionOptions) {
  const lines: Line[] = []
  /** How often each line above stands there in a row. */
  const repeats: number[] = []
  let seen = 0
  /** What the last line added, to be taken back: it may have changed. */
  let last: 'nothing' | 'line' | 'repeat' = 'nothing'

  function takeBack(): void {
    if (last === 'line') {
      lines.pop()
      repeats.pop()
    } else if (last === 'repeat') repeats[repeats.length - 1]!--
  }
  function add(line: Line): typeof last {
    if (stream !== 'all' && !comesFrom(line, stream)) return 'nothing'
    const before = lines.at(-1)
    if (collapse && before && sameText(before, line)) {
      repeats[repeats.length - 1]!++
      return 'repeat'
    }
    lines.push(line)
    repeats.push(1)
    return 'line'
  }

  return {
    lines: lines as readonly Line[],
    repeats: repeats as readonly number[],
    follow(all: readonly Line[]): void {
      if (seen > 0) takeBack()
      last = 'nothing'
      for (let i = Math.max(0, seen - 1); i < all.length; i++) last = add(all[i]!)
      seen = all.length
    },
  }
}
export type Selection = ReturnType<typeof createSelection>

/** A line belongs to every stream that wrote a part of it; an empty one to standard output. */
function comesFrom(line: Line, stream: 'stdout' | 'stderr'): boolean {
  return line.runs.length === 0 ? stream === 'stdout' : line.runs.some(({ source }) => source === stream)
}

/** The same text from the same streams. Colours may differ. */
function sameText(a: Line, b: Line): boolean {
  if (a.length !== b.length || a.continues || b.continues || a.stage !== b.stage) return false
  const streams = (line: Line) => new Set(line.runs.map(({ source }) => source))
  if (a.runs.length === 1 && b.runs.length === 1)
    return a.runs[0]!.text === b.runs[0]!.text && a.runs[0]!.source === b.runs[0]!.source
  return [...streams(a)].join() === [...streams(b)].join() && textOf(a) === textOf(b)
}
