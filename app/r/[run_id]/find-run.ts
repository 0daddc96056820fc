import { headers } from 'next/headers'
import { cache } from 'react'
import { isAppError } from '../../../protocol/errors.ts'
import { type ActorId, RunId } from '../../../protocol/ids.ts'
import type { Run } from '../../../protocol/run.ts'
import { applyEvents, emptyTranscript, type Transcript } from '../../../protocol/transcript.ts'
import { services } from '../../../server/services.ts'

/** The run of an address, null, or why it is gone; asked once for a request however many parts of the page want it. */
export const lookUpRun = cache(async (address: string): Promise<Run | { gone: string } | null> => {
  const runId = RunId.safeParse(address)
  if (!runId.success) return null
  try {
    return await services().runs.find(runId.data, await reader())
  } catch (error) {
    if (isAppError(error) && error.code === 'gone') return { gone: error.message }
    throw error
  }
})

/** Who asks for the page. */
async function reader(): Promise<ActorId> {
  return services().actors.identify((await headers()).get('cookie')).actorId
}

/** The run of an address, or null where there is none any more. */
export async function findRun(address: string): Promise<Run | null> {
  const run = await lookUpRun(address)
  return run && 'gone' in run ? null : run
}

/** What most runs write in full. Of a longer one the browser fetches the rest, when it has shown this. */
const enoughCharacters = 64 * 1024

/** The beginning of what happened, enough to render the page with. Of a run that still goes on nothing: the browser follows it. */
export async function beginningOf(run: Run): Promise<Transcript> {
  if (run.verdict === null) return emptyTranscript
  const reading = new AbortController()
  let transcript = emptyTranscript
  let characters = 0
  try {
    for await (const events of await services().runs.events(run.run_id, await reader(), { after: -1, signal: reading.signal })) {
      for (const event of events) {
        transcript = applyEvents(transcript, [event])
        if (event.type === 'output') characters += event.text.length
        if (characters > enoughCharacters) return transcript
      }
    }
  } finally {
    reading.abort()
  }
  return transcript
}
