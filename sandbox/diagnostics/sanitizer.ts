import { nativeFrame } from './native.ts'
import type { Finding, Frame, Reader } from './reader.ts'
import { numberOf } from './text.ts'

const reportLine = /^(?:==\d+==)?(ERROR|WARNING): (\w+Sanitizer: .*)$/
const undefinedBehaviour = /^([^\s:][^:]*):(\d+):(\d+): runtime error: (.*)$/
/** Further stacks of one report, by what stands above them. */
const furtherStack =
  /^ *((?:freed|previously allocated|allocated) by|Previous (?:atomic )?(?:read|write) of|Thread T\d+ .*created by|(?:Direct|Indirect) leak of)/

/** AddressSanitizer, LeakSanitizer, ThreadSanitizer and UndefinedBehaviorSanitizer. */
export const sanitizer: Reader = { run: findingsOf }

function findingsOf(lines: readonly string[]): Finding[] {
  const findings: Finding[] = []
  let report: { severity: Finding['severity']; message: string } | null = null
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    const undefinedAt = undefinedBehaviour.exec(line)
    if (undefinedAt) {
      const [, file, digits, column, message] = undefinedAt
      const place = { file: file!, line: numberOf(digits), column: { at: numberOf(column), unit: 'bytes' as const } }
      const { frames } = framesFrom(lines, at + 1)
      findings.push({
        severity: 'error',
        message: `Undefined behaviour: ${message}`,
        at: place,
        ...(frames.length > 0 ? { frames } : {}),
      })
      continue
    }
    const head = reportLine.exec(line)
    if (head) report = { severity: head[1] === 'WARNING' ? 'warning' : 'error', message: withoutAddresses(head[2]!) }
    else if (furtherStack.test(line)) {
      const leak = line.includes(' leak of ')
      report = leak
        ? { severity: 'error', message: `Memory leak: ${leakOf(line)}` }
        : { severity: 'note', message: withoutAddresses(line.trim().replace(/:$/, '')) }
    } else if (!isFirstFrame(line)) continue
    const { frames, end } = framesFrom(lines, isFirstFrame(line) ? at : at + 1)
    at = Math.max(at, end - 1)
    if (frames.length === 0 || !report) continue
    findings.push({ ...report, frames })
    report = null
  }
  return findings
}

const isFirstFrame = (line: string) => line.trimStart().startsWith('#0 ')

function framesFrom(lines: readonly string[], from: number): { frames: Frame[]; end: number } {
  const frames: Frame[] = []
  let at = from
  for (; at < lines.length; at++) {
    const frame = at > from && isFirstFrame(lines[at]!) ? null : nativeFrame(lines[at]!)
    if (!frame) break
    frames.push(frame)
  }
  return { frames, end: at }
}

/** "heap-use-after-free on address 0x5040 at pc 0x55d7 bp 0x7ffc…": what happened, without where in memory. */
function withoutAddresses(text: string): string {
  const cut = [' on address 0x', ' on unknown address', ' at 0x', ' (pid=', ' (pc 0x', ' on 0x', ' in thread T']
    .map((mark) => text.indexOf(mark))
    .filter((at) => at !== -1)
  return cut.length > 0 ? text.slice(0, Math.min(...cut)) : text
}

/** "Direct leak of 7 byte(s) in 1 object(s) allocated from:" */
function leakOf(line: string): string {
  return line.slice(line.indexOf(' leak of ') + ' leak of '.length).replace(/ allocated from:$/, '')
}
