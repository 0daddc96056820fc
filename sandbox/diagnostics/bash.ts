import type { Finding, Program, Reader } from './reader.ts'
import { numberOf } from './text.ts'

const errorLine = /^([^\s:][^:]*): line (\d+): +(.*)$/

/** "60 Killed                  sleep 5": a job that a signal ended. */
const endedJob = /^\d+ ([A-Z][A-Za-z -]*[a-z])/

/** What bash itself complains about: `main.sh: line 3: nope: command not found`. What other programs print names no line of the script. */
export const bash: Reader = { compile: findingsOf, run: findingsOf }

function findingsOf(lines: readonly string[], program: Program): Finding[] {
  return lines.flatMap((text): Finding[] => {
    const matched = errorLine.exec(text)
    if (!matched) return []
    const [, file, line, message] = matched
    // "bash -c" has no file, awk counts the lines of its own program; and after a syntax error the line itself is quoted.
    if (!program.isOwn(file!) || message!.startsWith('`')) return []
    const at = { file: file!, line: numberOf(line) }
    const ended = endedJob.exec(message!)
    if (ended) return [{ severity: 'warning', message: `A command was ended: ${ended[1]}`, at }]
    return message!.startsWith('warning: ')
      ? [{ severity: 'warning', message: message!.slice('warning: '.length), at }]
      : [{ severity: 'error', message: message!, at }]
  })
}
