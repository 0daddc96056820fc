import { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import { RunId } from './ids.ts'
import { requestLimits } from './limits.ts'
import { type RunEvent, Signal, TerminalSize } from './run.ts'

/** Socket.IO, on the port of the pages. A socket holds a position in a log, nothing else. */
export const socketPath = '/socket.io/'

export const FollowMessage = z.strictObject({ run_id: RunId, after: z.number().int().min(-1) })
export const RunMessage = z.strictObject({ run_id: RunId })
export const StdinMessage = z.strictObject({ run_id: RunId, data: z.string().max(requestLimits.stdinMessageBytes) })
export const ResizeMessage = z.strictObject({ run_id: RunId, ...TerminalSize.shape })
export const SignalMessage = z.strictObject({ run_id: RunId, signal: Signal })

/** Every message is answered: done, or refused with the words of an HTTP refusal. */
export type Acknowledgement = { ok: true } | { ok: false; error: { code: ErrorCode; message: string } }
export type Acknowledge = (answer: Acknowledgement) => void

export type ClientToServer = {
  /** Sends every event after `after`, then the new ones as they happen. Following again replaces the position. */
  'run:follow': (message: z.input<typeof FollowMessage>, acknowledge?: Acknowledge) => void
  'run:unfollow': (message: z.input<typeof RunMessage>, acknowledge?: Acknowledge) => void
  'run:stdin': (message: z.input<typeof StdinMessage>, acknowledge?: Acknowledge) => void
  'run:stdin-end': (message: z.input<typeof RunMessage>, acknowledge?: Acknowledge) => void
  'run:signal': (message: z.input<typeof SignalMessage>, acknowledge?: Acknowledge) => void
  'run:resize': (message: z.input<typeof ResizeMessage>, acknowledge?: Acknowledge) => void
  'run:cancel': (message: z.input<typeof RunMessage>, acknowledge?: Acknowledge) => void
}

export type ServerToClient = {
  /**
   * Events in order, several at a time when they come fast. The client calls `received` once they are applied: the server
   * sends no more to a reader that has not taken what it was sent, so a slow one costs it nothing.
   */
  'run:event': (message: { run_id: string; events: RunEvent[] }, received: () => void) => void
}

/** The raw WebSocket of the first release: WS /api/runs/ws/{run_id}/logs. */
export type LogMessage =
  | { type: 'stdout' | 'stderr'; data: string }
  | { type: 'complete'; data: { status: string; exit_code: number | null; message: string } }
