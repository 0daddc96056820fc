import type { Finding, Frame, Reader } from './reader.ts'
import { numberOf } from './text.ts'

/** `main.lua:2: in upvalue 'total'`, `[C]: in function 'error'` */
const frameLine = /^\t(\[C\]|[^:]+)(?::(\d+))?: (?:in )?(.*)$/
const headline = /^lua[\d.]*: (.*)$/
const placed = /^([^:\s][^:]*):(\d+): (.*)$/

/** Errors of the stand-alone interpreter, 5.1 to 5.4, with or without a traceback. */
export const lua: Reader = { compile: findingsOf, run: findingsOf }

function findingsOf(lines: readonly string[]): Finding[] {
  const findings: Finding[] = []
  for (let at = 0; at < lines.length; at++) {
    const head = headline.exec(lines[at]!)?.[1]
    if (head === undefined) continue
    let found = finding(head)
    // A module that does not compile is named on the next line.
    if (head.startsWith('error loading module ') && lines[at + 1]?.startsWith('\t')) found = finding(lines[++at]!.trim())
    const traceback = tracebackFrom(lines, at + 1)
    if (traceback.frames.length > 0) found.frames = traceback.frames
    at = traceback.end
    findings.push(found)
  }
  return findings
}

function finding(text: string): Finding {
  const place = placed.exec(text)
  if (!place) return { severity: 'error', message: text }
  const [, file, line, message] = place
  // An error that went through a coroutine carries both its places: the inner one is where it was made.
  const inner = placed.exec(message!)
  return inner && inner[1] === file
    ? { severity: 'error', message: inner[3]!, at: { file: inner[1]!, line: numberOf(inner[2]) } }
    : { severity: 'error', message: message!, at: { file: file!, line: numberOf(line) } }
}

function tracebackFrom(lines: readonly string[], from: number): { frames: Frame[]; end: number } {
  let at = from
  while (at < lines.length && lines[at] !== 'stack traceback:' && !headline.test(lines[at]!)) at++
  const frames: Frame[] = []
  if (lines[at] !== 'stack traceback:') return { frames, end: from - 1 }
  for (at++; lines[at]?.startsWith('\t'); at++) {
    const frame = frameLine.exec(lines[at]!)
    if (!frame) continue
    const [, file, line, description] = frame
    const name = nameOf(description!)
    frames.push({ file: file!, line: numberOf(line), ...(name ? { function: name } : {}) })
  }
  return { frames, end: at - 1 }
}

/** "upvalue 'total'" is total, "function <main.lua:3>" and "main chunk" are what they are. */
function nameOf(description: string): string {
  const first = description.indexOf("'")
  const last = description.lastIndexOf("'")
  if (first !== -1 && last > first) return description.slice(first + 1, last)
  return description === '?' ? '' : description
}
