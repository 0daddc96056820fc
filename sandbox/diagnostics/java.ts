import type { Finding, Frame, Program, Reader, Thread } from './reader.ts'
import { indentOf, numberOf } from './text.ts'

const compilerLine = /^([^\s:][^:]*\.java):(\d+): (error|warning): (.*)$/
const uncaught = /^Exception in thread "([^"]*)" (.*)$/
/** Without the thread's name, as printStackTrace writes it: a class with a package or a telling name. */
const printed = /^(?:Caused by: )?((?:[\p{L}_$][\p{L}\p{N}_$]*\.)*[\p{L}\p{N}_$]*(?:Exception|Error|Throwable))(?:: (.*))?$/u
/** "\t... 1 more": the frames it shares with the error above it. */
const inCommon = /^\t+\.\.\. (\d+) (?:more|common frames omitted)$/
/** The runtime's own packages, and those of our launcher. */
const libraryClass = /^(?:java|javax|jdk|sun|com\.sun|bugghost|org\.junit|org\.opentest4j)\./
/** The JVM numbers its threads; what our launcher answers with tells only their priority. */
const threadLine = /^"([^"]*)" (?:#\d+|daemon|prio=\d+)/
const runtimeThreads = new Set([
  'Reference Handler',
  'Finalizer',
  'Signal Dispatcher',
  'Common-Cleaner',
  'Notification Thread',
  'Attach Listener',
])

/** javac's messages, stack traces with their causes, and the JVM's thread dump. */
export const java: Reader = {
  compile: (lines, program) => [...compilerFindings(lines), ...runFindings(lines, program)],
  run: runFindings,
  stacks: stacksOf,
}

function compilerFindings(lines: readonly string[]): Finding[] {
  return lines.flatMap((text, at) => {
    const matched = compilerLine.exec(text)
    if (!matched) return []
    const [, file, line, severity, message] = matched
    const marks = markBelow(lines, at + 1)
    return [
      {
        severity: severity === 'warning' ? 'warning' : 'error',
        message: [message, ...detailsBelow(lines, marks)].join(', '),
        at: {
          file: file!,
          line: numberOf(line),
          ...(marks === -1 ? {} : { column: { at: indentOf(lines[marks]!) + 1, unit: 'utf16' } }),
        },
      },
    ]
  })
}

/** The line with the ^ below the source line; there may be lines of the message between. -1 when there is none. */
function markBelow(lines: readonly string[], from: number): number {
  for (let at = from; at < Math.min(lines.length, from + 12); at++) {
    if (compilerLine.test(lines[at]!)) return -1
    if (lines[at]!.endsWith('^') && lines[at]!.trim() === '^') return at
  }
  return -1
}

/** "cannot find symbol" says which one only below the source line. */
function detailsBelow(lines: readonly string[], marks: number): string[] {
  const symbol = marks === -1 ? undefined : lines[marks + 1]
  return symbol?.startsWith('  symbol:') ? [symbol.slice('  symbol:'.length).trim()] : []
}

function runFindings(lines: readonly string[], program: Program): Finding[] {
  const findings: Finding[] = []
  /** The stack of the last error at each depth: what it caused, or suppressed, leaves out what both have in common. */
  const enclosing: Frame[][] = []
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at]!
    const trimmed = text.trimStart()
    const depth = indentOf(text)
    const suppressed = trimmed.startsWith('Suppressed: ')
    const cause = suppressed || trimmed.startsWith('Caused by: ')
    const head = uncaught.exec(text)
    if (!head && !cause && !(depth === 0 && printed.test(text))) continue
    // The message may have lines of its own before the stack.
    let next = at + 1
    while (next < lines.length && next < at + 100 && !isStackLine(lines[next]!, program) && !isNextError(lines[next]!)) next++
    const { frames, end } = framesFrom(lines, next, program, enclosing[suppressed ? depth - 1 : depth] ?? [])
    if (frames.length === 0 && !head && !cause) continue
    findings.push({
      severity: cause ? 'note' : 'error',
      message: head ? head[2]! : trimmed,
      ...(frames.length > 0 ? { frames } : {}),
    })
    enclosing[depth] = frames
    enclosing.length = depth + 1
    // ExceptionInInitializerError has no stack of its own: its cause has the place.
    const outer = findings.at(-2)
    if (cause && outer?.severity === 'error' && !outer.frames && frames.length > 0) outer.frames = frames
    if (frames.length > 0) at = end - 1
  }
  return findings
}

const isStackLine = (line: string, program: Program) => frameOf(line, program) !== null || inCommon.test(line)

const isNextError = (line: string) => {
  const text = line.trimStart()
  return text.startsWith('Caused by: ') || text.startsWith('Suppressed: ') || uncaught.test(line) || printed.test(line)
}

function framesFrom(
  lines: readonly string[],
  from: number,
  program: Program,
  enclosing: Frame[],
): { frames: Frame[]; end: number } {
  const frames: Frame[] = []
  let at = from
  for (; at < lines.length; at++) {
    const frame = frameOf(lines[at]!, program)
    const common = frame ? null : inCommon.exec(lines[at]!)
    if (frame) frames.push(frame)
    else if (common) {
      const count = numberOf(common[1])
      // Nobody is shown more of them than that.
      if (count > 0) frames.push(...enclosing.slice(-count).slice(0, 50))
    } else break
  }
  return { frames, end: at }
}

/** `\tat java.base/java.util.List.of(List.java:12)`; a thread dump has the module inside: `(java.base@25/Object.java:389)`. */
function frameOf(line: string, program: Program): Frame | null {
  const start = indentOf(line)
  if (start === 0 || line[0] !== '\t' || !line.startsWith('at ', start) || !line.endsWith(')')) return null
  const open = line.lastIndexOf('(')
  if (open < start) return null
  const whole = line.slice(start + 3, open)
  const slash = whole.lastIndexOf('/')
  const method = whole.slice(slash + 1)
  const inside = line.slice(open + 1, -1)
  const where = inside.slice(inside.lastIndexOf('/') + 1)
  const colon = where.lastIndexOf(':')
  const fileName = colon === -1 ? where : where.slice(0, colon)
  if (!method.includes('.')) return null
  const module = slash > 0 || inside.includes('/')
  const library = module || libraryClass.test(method)
  const file = library ? fileName : fileOf(method, fileName, program)
  return {
    file,
    line: colon === -1 ? 0 : numberOf(where.slice(colon + 1)),
    function: method,
    library: library || !program.isOwn(file),
  }
}

/** A stack names only the file, the class tells its folder: shop.Cart in Cart.java is shop/Cart.java, wherever that folder begins. */
function fileOf(method: string, fileName: string, program: Program): string {
  const parts = method.split('.')
  const folder = parts.slice(0, -2).join('/')
  const path = folder ? `${folder}/${fileName}` : fileName
  return program.files.find((file) => file === path) ?? program.files.find((file) => file.endsWith(`/${path}`)) ?? fileName
}

function stacksOf(lines: readonly string[], program: Program): Thread[] {
  const threads: Thread[] = []
  let current: Thread | null = null
  for (const line of lines) {
    const head = threadLine.exec(line)
    if (head) {
      current = { thread: head[1]!, frames: [] }
      if (!runtimeThreads.has(current.thread)) threads.push(current)
      continue
    }
    if (line === '') current = null
    const frame = current ? frameOf(line, program) : null
    if (frame) current!.frames.push(frame)
  }
  // A thread without frames is the collector's or the compiler's.
  const own = threads.filter(({ frames }) => frames.length > 0)
  return [...own.filter(({ thread }) => thread === 'main'), ...own.filter(({ thread }) => thread !== 'main')]
}
