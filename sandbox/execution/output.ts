import type { Stage, Stream, UnnumberedEvent } from '../../protocol/run.ts'

/** The characters a browser takes in one go without stuttering; also the size of a chunk in the log. */
const maxTextChars = 32 * 1024
/** Twice a frame of a 30 Hz display: nobody sees the difference, and a chatty program makes 30 events a second, not 30,000. */
export const mergeMs = 33

type OutputEvent = Extract<UnnumberedEvent, { type: 'output' }>

/**
 * Turns bytes into text events: whole characters only (one decoder per stage and stream holds what is split), U+FFFD for what is no UTF-8
 * and for NUL (which neither databases nor terminals take). Pieces of one stream that come within `mergeMs` of each other become one event.
 */
export function createOutput(emit: (event: OutputEvent) => void) {
  const decoders = new Map<string, TextDecoder>()
  let pending: OutputEvent | undefined
  let emittedAt = Number.NEGATIVE_INFINITY

  function flush(at: number): void {
    if (!pending) return
    // Not the time of its first piece: what comes right after a merged one would go out alone, and twice as many events with it.
    emittedAt = at
    emit(pending)
    pending = undefined
  }

  function add(stage: Stage, stream: Stream, text: string, at: number): void {
    for (let from = 0; from < text.length; ) {
      const cut = cutBefore(text, from + maxTextChars)
      const piece = text.slice(from, cut)
      if (pending && (pending.stage !== stage || pending.stream !== stream || pending.text.length + piece.length > maxTextChars))
        flush(at)
      if (pending) pending.text += piece
      else pending = { type: 'output', at, stage, stream, text: piece }
      from = cut
    }
    // What comes after a pause is shown at once; only what follows closely waits for company.
    if (pending && at - emittedAt >= mergeMs) flush(at)
  }

  return {
    write(stage: Stage, stream: Stream, bytes: Uint8Array, at: number): void {
      const key = `${stage} ${stream}`
      const decoder = decoders.get(key) ?? new TextDecoder('utf-8', { ignoreBOM: true })
      decoders.set(key, decoder)
      add(stage, stream, decoder.decode(bytes, { stream: true }).replaceAll('\0', '\u{FFFD}'), at)
    },
    /** When what waits should be flushed, on the clock of `at`; undefined while nothing waits. */
    get dueAt(): number | undefined {
      return pending && emittedAt + mergeMs
    },
    /** Emits what waits, now. */
    flush,
    /** The stage has ended: what was left of a split character is shown as broken. */
    endStage(stage: Stage, at: number): void {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = decoders.get(`${stage} ${stream}`)?.decode() ?? ''
        decoders.delete(`${stage} ${stream}`)
        if (rest) add(stage, stream, rest, at)
      }
      flush(at)
    },
  }
}

/** The nearest place at or before `at` that does not part a surrogate pair. */
function cutBefore(text: string, at: number): number {
  if (at >= text.length) return text.length
  const before = text.charCodeAt(at - 1)
  return before >= 0xd800 && before <= 0xdbff ? at - 1 : at
}
