import type { StackFrame } from '../../protocol/diagnostic.ts'
import type { Ending, RunFile } from '../../protocol/run.ts'
import type { Place } from '../run/place.tsx'

/** A line of the code that a run had something to say about. Lines and columns count from 1, columns in characters. */
export type Mark = {
  path: string
  line: number
  column?: number
  kind: 'error' | 'warning' | 'note' | 'stuck'
  message: string
}

/** What an ending says about these files, as marks in them. Places elsewhere (libraries) are lists' business, not the editor's. */
export function marksOf(ending: Pick<Ending, 'diagnostics' | 'verdict'>, paths: readonly string[]): Mark[] {
  const own = new Set(paths)
  const marks: Mark[] = []
  for (const { file, line, column, severity, message, frames } of ending.diagnostics ?? []) {
    const place = own.has(file) ? { path: file, line, column } : firstOwn(frames ?? [], own)
    if (place) marks.push({ ...place, kind: severity, message })
  }
  if (ending.verdict.kind === 'time-limit' && ending.verdict.stuck_at) {
    const place = firstOwn([ending.verdict.stuck_at], own)
    if (place) marks.push({ ...place, kind: 'stuck', message: 'The program was here when its time ran out.' })
  }
  return marks.map(({ column, ...mark }) => (column === undefined ? mark : { ...mark, column }))
}

function firstOwn(frames: readonly StackFrame[], own: ReadonlySet<string>): Place | undefined {
  const frame = frames.find(({ file, line }) => own.has(file) && line > 0)
  return frame && { path: frame.file, line: frame.line, column: frame.column }
}

/** The marks of each file, the same lists for as long as the ending is the same. A file that has changed since the run has none. */
export function marksByPath(
  ending: Pick<Ending, 'diagnostics' | 'verdict'>,
  ran: readonly RunFile[],
  now: readonly RunFile[],
): ReadonlyMap<string, readonly Mark[]> {
  const same = ran.filter(({ path, content }) => now.some((file) => file.path === path && file.content === content))
  const marks = marksOf(
    ending,
    same.map(({ path }) => path),
  )
  return Map.groupBy(marks, ({ path }) => path)
}

/** From the character a diagnostic names to the end of the word there; without a column, the text of the line. UTF-16 columns from 1. */
export function spanOf(mark: Pick<Mark, 'column'>, lineText: string): { start: number; end: number } {
  const indent = /^\s*/.exec(lineText)?.[0].length ?? 0
  const whole = { start: indent + 1, end: Math.max(lineText.trimEnd().length, indent + 1) + 1 }
  if (mark.column === undefined) return whole
  const start = [...lineText].slice(0, mark.column - 1).join('').length + 1
  if (start > lineText.length) return whole
  const word = /^[\p{L}\p{N}_$]+|^./u.exec(lineText.slice(start - 1))?.[0] ?? ' '
  return { start, end: start + word.length }
}

/** The next place from where the cursor is, over the end of one file into the next and round. */
export function nextMark(marks: readonly Mark[], paths: readonly string[], from: Place, step: 1 | -1): Mark | undefined {
  const order = (place: Place) => [paths.indexOf(place.path), place.line, place.column ?? 0] as const
  const compare = (a: Place, b: Place) => {
    const [x, y] = [order(a), order(b)]
    return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]
  }
  const sorted = marks.filter(({ path }) => paths.includes(path)).sort(compare)
  if (step === 1) return sorted.find((mark) => compare(mark, from) > 0) ?? sorted[0]
  return sorted.findLast((mark) => compare(mark, from) < 0) ?? sorted.at(-1)
}
