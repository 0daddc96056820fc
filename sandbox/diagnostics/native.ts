import type { Finding, Frame, Reader, Thread } from './reader.ts'
import { indentOf, placeAtEnd } from './text.ts'

/**
 * The stacks of compiled programs, one frame a line: `#0 wait_for_it at /workspace/main.c:7`, below whose they are: `Thread 7 main:`.
 * Without such a line they are the main thread's.
 */
export const native: Reader = { run: findingsOf, stacks: nativeStacks }

export function nativeStacks(lines: readonly string[]): Thread[] {
  const threads: Thread[] = []
  for (const line of lines) {
    const head = /^Thread (\d+)( main)?:$/.exec(line)
    if (head) threads.push({ thread: head[2] ? 'main' : `thread ${head[1]}`, frames: [] })
    const frame = nativeFrame(line)
    if (!frame) continue
    if (threads.length === 0) threads.push({ thread: 'main', frames: [] })
    threads.at(-1)!.frames.push(frame)
  }
  const asked = threads.filter(({ frames }) => frames.length > 0)
  return [...asked.filter(({ thread }) => thread === 'main'), ...asked.filter(({ thread }) => thread !== 'main')]
}

/** A stack that a dying program leaves: the line above its first frame says why. */
function findingsOf(lines: readonly string[]): Finding[] {
  const findings: Finding[] = []
  let current: { message: string; frames: Frame[] } | null = null
  for (const [at, line] of lines.entries()) {
    const frame = line.startsWith('#') ? nativeFrame(line) : null
    if (!frame) {
      current = null
      continue
    }
    if (line.startsWith('#0 ')) {
      const message = lines[at - 1]?.trim()
      current = message ? { message, frames: [] } : null
      if (current) findings.push({ severity: 'error', ...current })
    }
    current?.frames.push(frame)
  }
  return findings
}

/**
 * `#0  0x55c3 in fn(int) at main.c:7` (gdb, and ours), `    #1 0x55c3 in fn(int) /workspace/main.c:7:3` (the sanitizers),
 * `#2 0x7f5d  (/lib/libc.so.6+0x29ca7)` (no debug information). Null when it is no frame.
 */
export function nativeFrame(line: string): Frame | null {
  const start = indentOf(line)
  if (line[start] !== '#') return null
  let at = start + 1
  while (at < line.length && line[at]! >= '0' && line[at]! <= '9') at++
  if (at === start + 1 || line[at] !== ' ') return null
  let text = line.slice(at).trim()
  if (text.startsWith('0x')) {
    const space = text.indexOf(' ')
    if (space === -1) return null
    text = text.slice(space).trim()
  }
  if (text.startsWith('in ')) text = text.slice(3)
  // "(a.out+0x1241) (BuildId: 1a99…)"
  const build = text.indexOf(' (BuildId:')
  if (build !== -1) text = text.slice(0, build)
  const module = text.endsWith(')') ? text.lastIndexOf('(') : -1
  const object = module !== -1 && text.lastIndexOf('+0x') > module ? text.slice(module + 1, text.lastIndexOf('+0x')) : null
  if (object !== null) text = text.slice(0, module).trim()
  const marked = text.lastIndexOf(' at ')
  // The file is the last word: a function's name may hold blanks, a place does not.
  const split = marked !== -1 ? marked : text.lastIndexOf(' ')
  const where = marked !== -1 ? text.slice(marked + 4) : split === -1 ? '' : text.slice(split + 1)
  const place = placeAtEnd(where)
  if (!place || place.file === '') {
    return { file: object ?? '', line: 0, ...(text ? { function: text } : {}), library: true }
  }
  const name = text.slice(0, split).trim()
  return {
    file: place.file,
    line: place.line,
    ...(place.column ? { column: { at: place.column, unit: 'bytes' } } : {}),
    ...(name ? { function: name } : {}),
  }
}
