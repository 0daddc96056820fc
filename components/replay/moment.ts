import type { Chunk, Transcript } from '../../protocol/transcript.ts'

/** The transcript as it stood `ms` after the program started. The chunks are a prefix of the whole ones, the same objects. */
export function transcriptAt(whole: Transcript, ms: number): Transcript {
  const start = startOf(whole)
  if (ms >= lengthOf(whole)) return whole
  const chunks = whole.chunks.slice(0, countUntil(whole.chunks, start + ms))
  const stage = chunks.at(-1)?.stage ?? whole.chunks[0]?.stage ?? whole.stage
  const usage = whole.usage.filter((sample) => sample.at <= start + ms)
  return { ...whole, chunks, usage, artifacts: [], stage, inputEnded: false, ending: null, at: start + ms }
}

/** The moment a replay begins, on the clock of the events: when the program started, or, if it never did, when it was asked for. */
export const startOf = (whole: Transcript): number => whole.startedAt ?? 0

/** How long a replay takes at normal speed, in milliseconds. */
export const lengthOf = (whole: Transcript): number => Math.max(0, whole.at - startOf(whole))

/** How many chunks were there at `at`. Chunks come in the order of their times. */
function countUntil(chunks: readonly Chunk[], at: number): number {
  let low = 0
  let high = chunks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (chunks[middle]!.at <= at) low = middle + 1
    else high = middle
  }
  return low
}

export const speeds = [0.1, 0.5, 1, 2, 4, 8] as const
export type Speed = (typeof speeds)[number]

/** Where a replay is: standing at `position` (milliseconds into the run), or running from there since `since` (a clock's milliseconds). */
export type Replay = { position: number; speed: Speed; since: number | null }

/** Where a replay begins: at the end, wherever that will be once all of the run is there. */
export const atTheEnd: Replay = { position: Number.POSITIVE_INFINITY, speed: 1, since: null }

export function positionAt(replay: Replay, now: number, length: number): number {
  const ran = replay.since === null ? 0 : Math.max(0, now - replay.since) * replay.speed
  return Math.min(length, replay.position + ran)
}

export type ReplayAction =
  | { type: 'play' | 'pause'; now: number; length: number }
  | { type: 'seek'; to: number; now: number; length: number }
  | { type: 'speed'; speed: Speed; now: number; length: number }
  /** The end was reached. */
  | { type: 'stop'; length: number }

export function replayReducer(replay: Replay, action: ReplayAction): Replay {
  switch (action.type) {
    case 'play': {
      const position = positionAt(replay, action.now, action.length)
      // Playing from the end means once more from the start.
      return { ...replay, position: position >= action.length ? 0 : position, since: action.now }
    }
    case 'pause':
      return { ...replay, position: positionAt(replay, action.now, action.length), since: null }
    case 'seek':
      return {
        ...replay,
        position: Math.max(0, Math.min(action.to, action.length)),
        since: replay.since === null ? null : action.now,
      }
    case 'speed':
      return {
        speed: action.speed,
        position: positionAt(replay, action.now, action.length),
        since: replay.since === null ? null : action.now,
      }
    case 'stop':
      return { ...replay, position: action.length, since: null }
    default:
      return action satisfies never
  }
}

/** How much happened in one stretch of a run. */
export type Mark = { characters: number; error: boolean; input: boolean }

/** The run in `count` equal stretches: what the bar under the output is drawn from. */
export function marksOf(whole: Transcript, count: number): Mark[] {
  const marks = Array.from({ length: count }, (): Mark => ({ characters: 0, error: false, input: false }))
  const start = startOf(whole)
  const length = lengthOf(whole)
  for (const chunk of whole.chunks) {
    const part = length === 0 ? 0 : (chunk.at - start) / length
    const mark = marks[Math.max(0, Math.min(count - 1, Math.floor(part * count)))]!
    if (chunk.source === 'input') mark.input = true
    else mark.characters += chunk.text.length
    if (chunk.source === 'stderr') mark.error = true
  }
  return marks
}
