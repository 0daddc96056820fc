import { pack } from 'tar-stream'
import type { Job } from '../executor.ts'

/** The files of a run as one tar archive, in memory. Parents are made by the agent. */
export async function archiveOf(files: Job['files']): Promise<Uint8Array> {
  const archive = pack()
  for (const file of files) archive.entry({ name: file.path, mode: 0o644 }, Buffer.from(file.content))
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
