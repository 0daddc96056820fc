import { strToU8, zip } from 'fflate'
import type { Run, RunEvent } from '../../protocol/run.ts'
import { asText } from './as-text.ts'

/** Everything of a run: its files as they were, what it was given, what it wrote and left, and the run as the API has it. */
export function asZip(run: Run, events: readonly RunEvent[]): Promise<Uint8Array<ArrayBuffer>> {
  const entries: Record<string, Uint8Array> = {}
  for (const { path, content, encoding } of run.files) {
    entries[`files/${path}`] = encoding === 'base64' ? Buffer.from(content, 'base64') : strToU8(content)
  }
  for (const event of events) if (event.type === 'artifact') entries[`left/${event.path}`] = Buffer.from(event.content, 'base64')
  if (run.stdin !== '') entries['stdin.txt'] = strToU8(run.stdin)
  entries['output.txt'] = strToU8(asText(run, events))
  entries['run.json'] = strToU8(`${JSON.stringify(run, null, 2)}\n`)
  const mtime = new Date(run.created_at)
  return new Promise((resolve, reject) => {
    zip(entries, { mtime }, (error, data) => (error ? reject(error) : resolve(new Uint8Array(data))))
  })
}
