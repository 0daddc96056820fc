import { charactersOf } from './columns.ts'
import type { Column, Finding, Frame, Program, Reader, Thread } from './reader.ts'
import { indentOf, numberOf } from './text.ts'

/** `  File "/workspace/main.py", line 3, in load`; faulthandler leaves out the comma, a syntax error the function. */
const frameLine = /^File "([^"]*)", line (\d+)(?:,? in (.*))?$/
/** The end of a traceback: a dotted name, alone or before its message. */
const exceptionLine = /^([\p{L}_][\p{L}\p{N}_.]*)(?:: (.*))?$/u
const syntaxErrors = new Set(['SyntaxError', 'IndentationError', 'TabError'])
const warningLine = /^([^\s:][^:]*):(\d+): ([A-Za-z_.]*Warning): (.*)$/
const causedBy = 'The above exception was the direct cause of the following exception:'
const whileHandling = 'During handling of the above exception, another exception occurred:'

/** Tracebacks, syntax errors, exception groups and warnings of CPython, and what faulthandler prints. */
export const python: Reader = { compile: findingsOf, run: findingsOf, stacks: stacksOf }

type Traceback = {
  frames: Frame[]
  message: string
  exception: string
  gutter: number
  linkedTo: string | null
  ignored: boolean
}

function findingsOf(lines: readonly string[], program: Program): Finding[] {
  const tracebacks: Traceback[] = []
  const findings: Finding[] = []
  let frames: Frame[] | null = null
  let link: string | null = null
  let ignored = false
  /** faulthandler's headline: it names the error before the frames and prints them innermost first. */
  let fatal: string | null = null
  const endChain = () => {
    for (const found of chain(tracebacks.splice(0))) findings.push(found)
    link = null
  }
  for (let at = 0; at < lines.length; at++) {
    const { text, gutter } = withoutGutter(lines[at]!)
    const trimmed = text.trimStart()
    if (trimmed.startsWith('File "')) {
      const frame = frameAt(lines, at, program)
      frames ??= []
      if (frame) frames.push(frame)
      continue
    }
    if (text.endsWith('Traceback (most recent call last):')) {
      frames = []
      // What is not linked to the one before, and is not a member of its group, is another error.
      if (link === null && gutter === 0) endChain()
      continue
    }
    if (trimmed === causedBy || trimmed === whileHandling) {
      link = trimmed
      continue
    }
    if (text.startsWith('Fatal Python error: ')) fatal = text.slice('Fatal Python error: '.length)
    if (text.startsWith('Exception ignored ')) ignored = true
    if (text.startsWith('  warnings.warn(')) continue
    const warning = warningLine.exec(text)
    if (warning) {
      const [, file, line, category, message] = warning
      findings.push({ severity: 'warning', message: `${category}: ${message}`, at: { file: file!, line: numberOf(line) } })
      continue
    }
    if (frames === null) continue
    if (text === '' && fatal !== null && frames.length > 0) {
      findings.push({ severity: 'error', message: fatal, frames })
      frames = fatal = null
      continue
    }
    // The source lines of a frame are indented deeper than the exception that ends the traceback.
    if (indentOf(text) > 0) continue
    const exception = exceptionLine.exec(text)
    if (!exception || fatal !== null) continue
    tracebacks.push({
      frames: frames.reverse(),
      message: exception[2] ? `${exception[1]}: ${exception[2]}` : exception[1]!,
      exception: exception[1]!,
      gutter,
      linkedTo: link,
      ignored,
    })
    frames = link = null
    ignored = false
  }
  if (fatal !== null && frames?.length) findings.push({ severity: 'error', message: fatal, frames })
  endChain()
  return findings
}

/** Python prints the root cause first and the error that ended the program last; members of a group come after it, indented. */
function chain(tracebacks: Traceback[]): Finding[] {
  const outermost = tracebacks.findLastIndex(({ gutter }) => gutter === 0)
  const main = outermost === -1 ? 0 : outermost
  const before = tracebacks.slice(0, main).reverse()
  const members = tracebacks.slice(main + 1)
  return tracebacks.length === 0
    ? []
    : [
        finding(tracebacks[main]!, tracebacks[main]!.ignored ? 'warning' : 'error', ''),
        ...before.map((traceback, index) => {
          const next = tracebacks[main - index]!
          return finding(traceback, 'note', next.linkedTo === whileHandling ? 'While handling: ' : 'Caused by: ')
        }),
        ...members.map((traceback) => finding(traceback, 'note', 'Caused by: ')),
      ]
}

function finding({ frames, message, exception }: Traceback, severity: Finding['severity'], prefix: string): Finding {
  // A syntax error is in the file it names, which is not a call.
  const at = syntaxErrors.has(exception) ? frames.find((frame) => frame.function === undefined) : undefined
  const calls = at ? frames.filter((frame) => frame !== at) : frames
  return { severity, message: `${prefix}${message}`, ...(at ? { at } : {}), ...(calls.length > 0 ? { frames: calls } : {}) }
}

/** An exception group draws its members with `  + `, `  | ` and `  +-+---`: how deep, and the text behind it. */
function withoutGutter(line: string): { text: string; gutter: number } {
  const indent = indentOf(line)
  const mark = line[indent]
  if (indent < 2 || (mark !== '|' && mark !== '+') || (line[indent + 1] !== ' ' && line.length > indent + 1))
    return { text: line, gutter: 0 }
  // The group itself stands at two; only its members are deeper.
  return { text: line.slice(indent + 2), gutter: indent <= 2 ? 0 : indent }
}

function frameAt(lines: readonly string[], at: number, program: Program): Frame | null {
  const matched = frameLine.exec(withoutGutter(lines[at]!).text.trim())
  if (!matched) return null
  const [, file, digits, name] = matched
  const line = numberOf(digits)
  const column = caretColumn(lines, at, program.lineOf(file!, line))
  return { file: file!, line, ...(column ? { column } : {}), ...(name ? { function: name } : {}) }
}

/**
 * The marks under the source line tell the column, but Python prints the line without its indentation: only with the source
 * at hand is the column known.
 */
function caretColumn(lines: readonly string[], at: number, source: string | undefined): Column | null {
  const shown = lines[at + 1]
  const marks = lines[at + 2]
  if (source === undefined || shown === undefined || marks === undefined) return null
  const shownText = withoutGutter(shown).text
  const marksText = withoutGutter(marks).text
  const stripped = source.trimStart()
  if (!/^[ ~^]+$/.test(marksText) || shownText.trimStart() !== stripped.trimEnd()) return null
  const cells = indentOf(marksText) - (shownText.length - shownText.trimStart().length)
  const column = charactersOf({ at: cells + 1, unit: 'cells' }, stripped)
  return { at: source.length - stripped.length + column, unit: 'characters' }
}

/** faulthandler: `Current thread 0x00007f (most recent call first):`, from 3.14 with the thread's name. The main thread comes last. */
function stacksOf(lines: readonly string[], program: Program): Thread[] {
  const threads: (Thread & { current: boolean })[] = []
  for (const [at, line] of lines.entries()) {
    const head = /^(Current thread|Thread) (\S+)(?: \[([^\]]*)\])? \(most recent call first\):$/.exec(line)
    if (head) {
      threads.push({ thread: head[3] ?? `thread ${head[2]}`, frames: [], current: head[1] === 'Current thread' })
    } else if (line.startsWith('  File "')) {
      const frame = frameAt(lines, at, program)
      if (frame) threads.at(-1)?.frames.push(frame)
    }
  }
  const last = threads.at(-1)
  if (!last) return []
  // A thread that was started stands on threading.py; the main one stands on the module that was run.
  const main =
    threads.findLast(({ frames }) => frames.at(-1)?.function === '<module>') ?? threads.find(({ current }) => current) ?? last
  main.thread = main.thread.startsWith('thread 0x') ? 'main' : main.thread
  return [main, ...threads.filter((thread) => thread !== main)].map(({ thread, frames }) => ({ thread, frames }))
}
