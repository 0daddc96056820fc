import type { Run, RunEvent } from '../../protocol/run.ts'

/**
 * A recording for terminal players: asciicast v3, a line of JSON each. Times are seconds since the event before.
 * Format: https://docs.asciinema.org/manual/asciicast/v3/
 */
export function asAsciicast(run: Run, events: readonly RunEvent[]): string {
  const header = {
    version: 3,
    term: { cols: run.tty?.columns ?? 80, rows: run.tty?.rows ?? 24 },
    timestamp: Math.floor(Date.parse(run.created_at) / 1000),
    title: run.name ?? `${run.language}: ${run.message}`,
  }
  const lines: unknown[] = [header]
  // A recording begins with the program, not with the wait for a sandbox.
  let before = events.find((event) => event.type === 'started')?.at ?? 0
  const add = (at: number, code: string, data: string) => {
    lines.push([Math.max(0, Math.round(at - before)) / 1000, code, data])
    before = Math.max(before, at)
  }
  for (const event of events) {
    // Without a terminal nobody has turned an end of line into a return to its beginning.
    if (event.type === 'output') add(event.at, 'o', run.tty ? event.text : event.text.replace(/\r?\n/g, '\r\n'))
    else if (event.type === 'input') add(event.at, 'i', event.text)
    else if (event.type === 'resize') add(event.at, 'r', `${event.columns}x${event.rows}`)
    else if (event.type === 'finished' && event.exit_code !== null) add(event.at, 'x', String(event.exit_code))
  }
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
}
