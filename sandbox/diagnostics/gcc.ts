import { nativeStacks } from './native.ts'
import type { Finding, Frame, Program, Reader } from './reader.ts'
import { numberOf } from './text.ts'

const placedLine = /^([^\s:][^:]*):(\d+):(?:(\d+):)? (fatal error|error|warning|note):( +)(.*)$/
/** Where a template was used: what the program did to bring up an error in a library's header. */
const usedLine = /^([^\s:][^:]*):(\d+):(?:(\d+):)? +(?:required (?:from|by)|in 'constexpr' expansion|recursively required)/
/** The linker's, with debug information: `/usr/bin/ld: /workspace/main.c:3:(.text+0xa): undefined reference to …` */
const linkerPlace =
  /^([^\s:][^:]*):(\d+):(?:\([^)]*\):)? ((?:undefined reference|multiple definition|relocation|undefined symbol).*)$/
/** mold: `mold: error: undefined symbol: compute`, then `>>> referenced by main.c:3`. */
const moldError = /^(?:mold|\S*\/mold|ld\.lld|lld|\S*\/ld): error: (.*)$/
const moldReference = /^>>> (?:referenced by|defined in) ([^\s:][^:]*):?(\d+)?/
/** `a.out: main.c:3: check: Assertion …`, and libstdc++'s, which has no program name and a library's place. */
const assertion = /^\S+: ([^\s:][^:]*):(\d+): (.*: Assertion .* failed\.)$/

/** GCC's and Clang's compilers, the linkers behind them, and failed assertions of the program. */
export const gcc: Reader = { compile: compilerFindings, run: assertions, stacks: nativeStacks }

function compilerFindings(lines: readonly string[], program: Program): Finding[] {
  const findings: Finding[] = []
  /** How the program got into the header whose error comes next, innermost first. */
  let used: Frame[] = []
  /** A linker's message waits for its place. */
  let unplaced: string | null = null
  let skippedNote = false
  for (const line of lines) {
    const use = usedLine.exec(line)
    if (use) {
      used.push(placeOf(use[1]!, use[2]!, use[3]))
      continue
    }
    const matched = placedLine.exec(line)
    if (matched) {
      const [, file, digits, column, kind, indent, message] = matched
      const at = placeOf(file!, digits!, column)
      const own = program.isOwn(file!)
      const severity = kind === 'note' ? 'note' : kind === 'warning' ? 'warning' : 'error'
      const frames = used.length > 0 ? [at, ...used] : []
      used = []
      // A library's own candidates and declarations, and what is said of each: pages of them, none of which can be changed.
      const skipped: boolean =
        severity === 'note' && (!own || (skippedNote && indent!.length > 1) || message!.startsWith('each undeclared identifier'))
      skippedNote = skipped
      if (skipped) continue
      const calledFrom = frames.find((frame) => program.isOwn(frame.file))
      findings.push({
        severity,
        message: message!,
        at: own ? at : (calledFrom ?? at),
        ...(frames.length > 0 ? { frames } : {}),
      })
      continue
    }
    if (/^\S.*: In (?:function|instantiation|substitution|member|static)/.test(line)) used = []
    const text = linkerText(line)
    const linked = linkerPlace.exec(text)
    if (linked) {
      const [, file, digits, message] = linked
      const [said, first] = message!.split('; ')
      findings.push({ severity: 'error', message: said!, at: { file: file!, line: numberOf(digits) } })
      // "…; /tmp/x.o:/workspace/main.c:1: first defined here"
      const other = first ? /^([^\s:][^:]*):(\d+): (.*)$/.exec(withoutObject(first)) : null
      if (other) findings.push({ severity: 'note', message: other[3]!, at: { file: other[1]!, line: numberOf(other[2]) } })
      continue
    }
    const mold = moldError.exec(line)
    if (mold) unplaced = mold[1]!
    const reference = unplaced === null ? null : moldReference.exec(line)
    if (reference && unplaced !== null) {
      findings.push({
        severity: 'error',
        message: unplaced,
        at: { file: reference[1]!, line: Math.max(1, numberOf(reference[2])) },
      })
      unplaced = null
    }
  }
  return findings
}

const placeOf = (file: string, line: string, column: string | undefined): Frame => ({
  file,
  line: numberOf(line),
  ...(column ? { column: { at: numberOf(column), unit: 'cells' as const } } : {}),
})

/** Without the linker's name and the object file in front of the source it was made from. */
function linkerText(line: string): string {
  const named = line.indexOf('ld: ')
  return withoutObject(named !== -1 && named < 100 && !line.slice(0, named).includes(' ') ? line.slice(named + 4) : line)
}

function withoutObject(text: string): string {
  const object = text.indexOf('.o:')
  return object !== -1 && !text.slice(0, object).includes(' ') ? text.slice(object + 3) : text
}

function assertions(lines: readonly string[]): Finding[] {
  return lines.flatMap((line) => {
    if (!line.endsWith(' failed.')) return []
    const matched = assertion.exec(line)
    if (!matched) return []
    const [, file, digits, message] = matched
    return [{ severity: 'error', message: message!, at: { file: file!, line: numberOf(digits) } }]
  })
}
