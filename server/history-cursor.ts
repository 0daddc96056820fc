import { AppError } from '../protocol/errors.ts'
import { RunId } from '../protocol/ids.ts'

export type HistoryPosition = { createdAt: Date; runId: RunId }

/** Where a page of the history ended, as text a client hands back unread. */
export const cursorOf = ({ createdAt, runId }: HistoryPosition): string =>
  Buffer.from(`${createdAt.getTime()}.${runId}`).toString('base64url')

/** Throws AppError `invalid` for anything `cursorOf` did not make. */
export function positionOf(cursor: string): HistoryPosition {
  const [, time, id] = /^(\d{1,15})\.(.*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  const runId = RunId.safeParse(id)
  if (time === undefined || !runId.success) {
    throw new AppError('invalid', 'This cursor is not one of ours.', {
      issues: [{ path: 'cursor', message: 'Send `next_cursor` of the page before, or leave it out for the first page.' }],
    })
  }
  return { createdAt: new Date(Number(time)), runId: runId.data }
}
