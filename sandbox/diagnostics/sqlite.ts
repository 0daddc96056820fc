import type { Finding, Program, Reader } from './reader.ts'
import { numberOf } from './text.ts'

const errorLine = /^(?:Parse error|Runtime error|Error:)(?: near line (\d+))?(?: in "?([^":]+)"?)?: (.*)$/
const pointer = '^--- error here'

/** The sqlite3 shell. It reads the script as its input, so a line is one of the entry file; it counts where the statement begins. */
export const sqlite: Reader = { compile: findingsOf, run: findingsOf }

function findingsOf(lines: readonly string[], program: Program): Finding[] {
  return lines.flatMap((text, at): Finding[] => {
    const matched = errorLine.exec(text)
    if (!matched) return []
    const [, line, file, message] = matched
    if (line === undefined) return []
    const place = { file: file ?? program.entry, line: numberOf(line) }
    const column = columnOf(lines, at, program.lineOf(place.file, place.line))
    return [{ severity: 'error', message: message!, at: { ...place, ...(column ? { column } : {}) } }]
  })
}

/** The shell shows the statement on one line and points into it; that is a column of the file only if the statement is on one line there too. */
function columnOf(lines: readonly string[], at: number, source: string | undefined) {
  const shown = lines[at + 1]?.trimStart()
  const marks = lines[at + 2]
  if (!shown || !marks?.endsWith(pointer) || source === undefined) return null
  const start = source.indexOf(shown)
  const offset = marks.length - pointer.length - (lines[at + 1]!.length - shown.length)
  return start === -1 || offset < 0 ? null : ({ at: start + offset + 1, unit: 'utf16' } as const)
}
