import { diffLines } from 'diff'
import type { Run, RunFile } from '../../protocol/run.ts'
import { bytes, seconds } from '../../protocol/words.ts'

/** A line of one of two texts, or of both. */
export type DiffLine = { kind: 'same' | 'left' | 'right'; text: string }
/** Lines that stand together; equal ones far from any change are left out, and counted. */
export type Hunk = { skipped: number; lines: DiffLine[] }

/** Beyond this comparing takes longer than anybody looks; the ends of both texts are compared. */
const comparedLines = 5_000
const around = 3

export function hunksOf(left: string, right: string): { hunks: Hunk[]; same: boolean; cut: boolean } {
  if (left === right) return { hunks: [], same: true, cut: false }
  const [a, b] = [lastLines(left), lastLines(right)]
  const lines = diffLines(a.text, b.text, { timeout: 2_000 })?.flatMap(({ value, added, removed }): DiffLine[] =>
    linesOf(value).map((text) => ({ kind: added ? 'right' : removed ? 'left' : 'same', text })),
  ) ?? [
    ...linesOf(a.text).map((text) => ({ kind: 'left' as const, text })),
    ...linesOf(b.text).map((text) => ({ kind: 'right' as const, text })),
  ]
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== 'same'))
  const hunks: Hunk[] = []
  let skipped = 0
  for (const [at, line] of lines.entries()) {
    if (!near[at]) {
      skipped++
      continue
    }
    const last = hunks.at(-1)
    if (skipped > 0 || !last) hunks.push({ skipped, lines: [line] })
    else last.lines.push(line)
    skipped = 0
  }
  return { hunks, same: false, cut: a.cut || b.cut }
}

const linesOf = (text: string) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

function lastLines(text: string): { text: string; cut: boolean } {
  const lines = text.split('\n')
  return lines.length <= comparedLines ? { text, cut: false } : { text: lines.slice(-comparedLines).join('\n'), cut: true }
}

export type FilePair = { path: string; left: RunFile | null; right: RunFile | null; state: 'same' | 'changed' | 'left' | 'right' }

/** The files of both, those that differ first. */
export function filePairsOf(left: readonly RunFile[], right: readonly RunFile[]): FilePair[] {
  const paths = [...new Set([...left, ...right].map(({ path }) => path))]
  const pairs = paths.map((path): FilePair => {
    const [a, b] = [left, right].map((files) => files.find((file) => file.path === path) ?? null)
    const state = !a ? 'right' : !b ? 'left' : a.content === b.content && a.encoding === b.encoding ? 'same' : 'changed'
    return { path, left: a ?? null, right: b ?? null, state }
  })
  return pairs.sort((a, b) => Number(a.state === 'same') - Number(b.state === 'same') || (a.path < b.path ? -1 : 1))
}

export type Fact = { name: string; left: string; right: string; differs: boolean }

/** What can be said of both beside their texts; those that cannot differ by chance say whether they do. */
export function factsOf(left: Run, right: Run): Fact[] {
  const fact = (name: string, of: (run: Run) => string): Fact => {
    const [a, b] = [of(left), of(right)]
    return { name, left: a, right: b, differs: a !== b }
  }
  return [
    fact('Ending', (run) => run.message),
    fact('Exit code', (run) => (run.exit_code === null ? '–' : String(run.exit_code))),
    fact('Time', (run) => (run.duration_ms === null ? '–' : seconds(run.duration_ms))),
    fact('Processor', (run) => (run.usage ? seconds(run.usage.cpu_ms) : '–')),
    fact('Memory', (run) => (run.usage ? bytes(run.usage.memory_peak_bytes) : '–')),
    fact('Language', (run) => `${run.language} ${run.version}`),
    fact('Image', (run) => run.image_digest.slice(0, 19)),
    fact('Arguments', (run) => (run.args.length > 0 ? run.args.map((arg) => JSON.stringify(arg)).join(' ') : 'none')),
    fact('Input', (run) => (run.stdin === '' ? 'none' : bytes(new TextEncoder().encode(run.stdin).length))),
  ]
}
