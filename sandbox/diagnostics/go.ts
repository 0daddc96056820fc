import type { Finding, Frame, Reader, Thread } from './reader.ts'
import { numberOf } from './text.ts'

const placedLine = /^(?:vet: )?([^\s:][^:]*\.go):(\d+):(\d+): (.*)$/
const goroutineLine = /^goroutine (\d+) (?:[^[\]]*)\[([^\]]*)\]:$/
const testFailure = /^ +([^\s:]+\.go):(\d+): (.*)$/

/** The compiler's and vet's messages, panics, fatal errors, failed tests, and all goroutines after SIGQUIT. */
export const go: Reader = {
  compile: (lines) => [...compilerFindings(lines, true), ...runFindings(lines)],
  // `go test` and `go run` compile as part of the run; they head what the compiler says with "# package".
  run: (lines) => [...compilerFindings(lines, false), ...runFindings(lines)],
  stacks: stacksOf,
}

function compilerFindings(lines: readonly string[], inCompiler: boolean): Finding[] {
  const findings: Finding[] = []
  let compiling = inCompiler
  let failed = false
  for (const [at, line] of lines.entries()) {
    if (line.startsWith('# ')) compiling = true
    if (line.startsWith('--- FAIL: ')) failed = true
    const failure = failed ? testFailure.exec(line) : null
    if (failure) findings.push({ severity: 'error', message: failure[3]!, at: { file: failure[1]!, line: numberOf(failure[2]) } })
    const matched = compiling ? placedLine.exec(line) : null
    if (!matched) continue
    const [, file, digits, column, message] = matched
    if (message === 'too many errors') continue
    // What was there and what was wanted stand below, a line each.
    const details = lines[at + 1]?.startsWith('\thave ')
      ? [lines[at + 1], lines[at + 2]].filter((next) => next?.startsWith('\t'))
      : []
    findings.push({
      severity: 'error',
      message: [message!, ...details.map((next) => next!.trim())].join('; '),
      at: { file: file!, line: numberOf(digits), column: { at: numberOf(column), unit: 'bytes' } },
    })
  }
  return findings
}

const isHeadline = (line: string) => line.startsWith('panic: ') || line.startsWith('fatal error: ')

function runFindings(lines: readonly string[]): Finding[] {
  const findings: Finding[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    if (!isHeadline(line)) continue
    let message = line
    let next = at + 1
    while (next < lines.length && next < at + 100 && !goroutineLine.test(lines[next]!) && !isHeadline(lines[next]!)) {
      // A panic while another was handled stands below it; the last one is what ended the program.
      if (lines[next]!.startsWith('\tpanic: ')) message = lines[next]!.trim()
      next++
    }
    const { frames, end } = framesFrom(lines, next + 1)
    findings.push({
      severity: 'error',
      message: message.replace(/ \[recovered[^\]]*\]$/, ''),
      ...(frames.length > 0 ? { frames } : {}),
    })
    // The other goroutines are not errors of their own.
    if (frames.length > 0) at = end - 1
  }
  return findings
}

/** Pairs of lines: `main.share(...)`, then `\t/workspace/main.go:8 +0x1d`. */
function framesFrom(lines: readonly string[], from: number): { frames: Frame[]; end: number } {
  const frames: Frame[] = []
  let at = from
  for (; at + 1 < lines.length; at += 2) {
    const call = lines[at]!
    const where = lines[at + 1]!
    if (call.startsWith('...')) {
      at--
      continue
    }
    if (call === '' || !where.startsWith('\t')) break
    const place = where.trim().split(' ')[0]!
    const colon = place.lastIndexOf(':')
    if (colon === -1) break
    frames.push({ file: place.slice(0, colon), line: numberOf(place.slice(colon + 1)), function: functionOf(call) })
  }
  return { frames, end: at }
}

/** "main.(*Cart).Third(0xc0000, 0x1)" without its arguments; who started a goroutine is its outermost frame. */
function functionOf(call: string): string {
  if (call.startsWith('created by ')) return call.replace(/ in goroutine \d+$/, '')
  const open = call.endsWith(')') ? call.lastIndexOf('(') : -1
  return open > 0 ? call.slice(0, open) : call
}

function stacksOf(lines: readonly string[]): Thread[] {
  const threads: Thread[] = []
  for (let at = 0; at < lines.length; at++) {
    const head = goroutineLine.exec(lines[at]!)
    if (!head) continue
    const { frames, end } = framesFrom(lines, at + 1)
    at = Math.max(at, end - 1)
    // Goroutine 0 is the scheduler's own, and system goroutines stand on nothing but the runtime.
    const system = frames.every(({ function: name }) => /^(?:created by )?(?:runtime|internal\/runtime)[./]/.test(name ?? ''))
    if (frames.length > 0 && !system)
      threads.push({ thread: head[1] === '1' ? `main [${head[2]}]` : `goroutine ${head[1]} [${head[2]}]`, frames })
  }
  return [
    ...threads.filter(({ thread }) => thread.startsWith('main ')),
    ...threads.filter(({ thread }) => !thread.startsWith('main ')),
  ]
}
