import type { ApiClient } from '../../protocol/api-client.ts'
import type { Acknowledgement } from '../../protocol/channel.ts'
import { AppError } from '../../protocol/errors.ts'
import type { RunId } from '../../protocol/ids.ts'
import type { TerminalSize } from '../../protocol/run.ts'
import type { RunSocket } from './follow-run.ts'

const answerWithinMs = 5000

/**
 * What a person does to a run under way: over the socket when there is one, else by HTTP. What is typed arrives in the order
 * it was typed: each message is sent when the one before it was answered.
 */
export function createRunCommands(api: ApiClient, socket: RunSocket, runId: RunId) {
  let last: Promise<void> = Promise.resolve()
  const inOrder = (send: () => Promise<void>): Promise<void> => {
    const sent = last.then(send)
    last = sent.catch(() => {})
    return sent
  }
  const overSocket = async (answered: Promise<Acknowledgement>): Promise<void> => {
    const answer = await answered.catch((cause: unknown) => {
      throw new AppError('unavailable', 'The server gives no answer. Check your connection and try again.', { cause })
    })
    if (!answer.ok) throw new AppError(answer.error.code, answer.error.message)
  }
  const channel = () => socket.timeout(answerWithinMs)

  return {
    type: (data: string) =>
      inOrder(async () => {
        if (socket.connected) await overSocket(channel().emitWithAck('run:stdin', { run_id: runId, data }))
        else await api('writeStdin', { params: { run_id: runId }, body: { data } })
      }),
    endInput: () =>
      inOrder(async () => {
        if (socket.connected) await overSocket(channel().emitWithAck('run:stdin-end', { run_id: runId }))
        else await api('writeStdin', { params: { run_id: runId }, body: { end: true } })
      }),
    /** Only over the socket: a terminal of another size is drawn anew by whoever has one, and a size that is lost is no loss. */
    async resize(size: TerminalSize): Promise<void> {
      if (socket.connected) await overSocket(channel().emitWithAck('run:resize', { run_id: runId, ...size }))
    },
    /** Not in line with what is typed: stopping must never wait for anything. */
    async stop(): Promise<void> {
      if (socket.connected) await overSocket(channel().emitWithAck('run:cancel', { run_id: runId }))
      else await api('cancelRun', { params: { run_id: runId } })
    },
  }
}
export type RunCommands = ReturnType<typeof createRunCommands>
