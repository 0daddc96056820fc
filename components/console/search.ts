import type { Line } from './screen.ts'

/** Where a search found something: which line, and from where to where in it. */
export type Match = { line: number; start: number; end: number }

/** More than anyone steps through; what is beyond is told as "more". */
export const mostMatches = 10_000

/** What is read in one go takes a few milliseconds: a million lines are, and must not keep the page from answering. */
export const linesAtOnce = 20_000

/**
 * Finds a text in lines that still grow, of which only the last one it has seen may have changed. Capitals count only when the
 * text has some. Many lines are read in several goes: `follow` is called again until it is `complete`.
 */
export function createSearch(text: string) {
  const matches: Match[] = []
  const asWritten = text !== text.toLowerCase()
  let seen = 0
  let more = false
  let complete = true

  return {
    text,
    matches: matches as readonly Match[],
    /** There are more than are listed. */
    get more() {
      return more
    },
    /** Every line there was at the last look has been read. */
    get complete() {
      return complete
    },
    follow(lines: readonly Line[]): void {
      const from = Math.max(0, Math.min(seen, lines.length) - 1)
      const until = Math.min(lines.length, from + linesAtOnce)
      while ((matches.at(-1)?.line ?? -1) >= from) matches.pop()
      more = matches.length >= mostMatches
      for (let i = from; i < until && !more && text !== ''; i++) {
        const whole = lines[i]!.runs.map((run) => run.text).join('')
        const searched = asWritten ? whole : lowerCase(whole)
        for (let at = searched.indexOf(text); at >= 0; at = searched.indexOf(text, at + text.length)) {
          if (matches.length >= mostMatches) {
            more = true
            break
          }
          matches.push({ line: i, start: at, end: at + text.length })
        }
      }
      complete = until === lines.length || more || text === ''
      seen = complete ? lines.length : until
    },
  }
}
export type Search = ReturnType<typeof createSearch>

/** Lower case of the same length, so that places stay where they are: İ would become two characters. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length
    ? lower
    : [...text].map((one) => (one.toLowerCase().length === one.length ? one.toLowerCase() : one)).join('')
}
