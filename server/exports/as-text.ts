import type { Run, RunEvent } from '../../protocol/run.ts'

/** What a program wrote, both streams in the order they came, as it stood on the screen: for curl, and for a file. */
export function outputText(events: readonly RunEvent[]): string {
  return events
    .filter((event) => event.type === 'output')
    .map(({ text }) => text)
    .join('')
}

/** The output, and at its end, on a line of its own, how it ended. */
export function asText(run: Run, events: readonly RunEvent[]): string {
  const output = outputText(events)
  const end = output === '' || output.endsWith('\n') ? '' : '\n'
  return `${output}${end}# ${run.message}\n`
}
