import type { Ending, RunEvent, Stage, Stream, TerminalSize } from './run.ts'

/** A stretch of text as it appears on a terminal: what the program wrote, or what somebody typed. */
export type Chunk = { at: number; stage: Stage; source: Stream | 'input'; text: string }

/** What the program used at a moment, over its stages together. */
export type UsageSample = { at: number; stage: Stage; cpu_ms: number; memory_bytes: number }

/** A file the program left. Its bytes stay in the event and are fetched by its address: a page that shows a run need not hold them. */
export type Artifact = { path: string; media_type: string; bytes: number }

/** Events folded for showing. A value: every change makes a new one, so a replay can keep any of them. */
export type Transcript = {
  /** The next event this transcript can take; ask a log for what comes after `nextSeq - 1`. */
  nextSeq: number
  chunks: readonly Chunk[]
  /** When the first stage started, in milliseconds since the run was accepted; null while it waits for a sandbox. */
  startedAt: number | null
  stage: Stage | null
  inputEnded: boolean
  /** The newest size somebody gave the terminal, if it has changed since the run was asked for. */
  terminal: TerminalSize | null
  usage: readonly UsageSample[]
  artifacts: readonly Artifact[]
  ending: Ending | null
  /** Of the newest event, in milliseconds since the run was accepted. */
  at: number
}

export const emptyTranscript: Transcript = {
  nextSeq: 0,
  chunks: [],
  startedAt: null,
  stage: null,
  inputEnded: false,
  terminal: null,
  usage: [],
  artifacts: [],
  ending: null,
  at: 0,
}

/**
 * Takes events in any overlapping deliveries: one that is already in changes nothing, and a gap ends the fold before it
 * (the reader then asks again from `nextSeq`), so nothing is ever doubled or lost.
 */
export function applyEvents(transcript: Transcript, events: readonly RunEvent[]): Transcript {
  let next = transcript
  let chunks: Chunk[] | undefined
  for (const event of events) {
    if (event.seq < next.nextSeq) continue
    if (event.seq > next.nextSeq) break
    next = { ...next, nextSeq: event.seq + 1, at: event.at }
    switch (event.type) {
      case 'started':
        next.stage = event.stage
        next.startedAt ??= event.at
        break
      case 'output':
        chunks ??= [...transcript.chunks]
        chunks.push({ at: event.at, stage: event.stage, source: event.stream, text: event.text })
        break
      case 'input':
        chunks ??= [...transcript.chunks]
        chunks.push({ at: event.at, stage: next.stage ?? 'run', source: 'input', text: event.text })
        break
      case 'input-end':
        next.inputEnded = true
        break
      case 'signal':
        break
      case 'resize':
        next.terminal = { columns: event.columns, rows: event.rows }
        break
      case 'usage': {
        const { type, seq, ...sample } = event
        next.usage = [...next.usage, sample]
        break
      }
      case 'artifact': {
        const { type, seq, at, content, ...artifact } = event
        next.artifacts = [...next.artifacts, artifact]
        break
      }
      case 'finished': {
        const { type, seq, at, ...ending } = event
        next.ending = ending
        break
      }
      default:
        event satisfies never
    }
  }
  return chunks ? { ...next, chunks } : next
}

export const applyEvent = (transcript: Transcript, event: RunEvent): Transcript => applyEvents(transcript, [event])

/** What the program of a stage wrote to one stream, or to both in the order it came. */
export function outputOf(transcript: Transcript, stage: Stage, stream?: Stream): string {
  return transcript.chunks
    .filter((chunk) => chunk.stage === stage && (stream ? chunk.source === stream : chunk.source !== 'input'))
    .map((chunk) => chunk.text)
    .join('')
}
