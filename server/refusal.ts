import type { Logger } from 'pino'
import { type ErrorCode, type Issue, isAppError } from '../protocol/errors.ts'
import { newIncident } from './incident.ts'

/** What a caller is told, whichever way it came. */
export type Refusal = { code: ErrorCode; message: string; issues?: Issue[]; retryAfterSec?: number }

/** Nobody's patience was measured for this: long enough not to hammer, short enough to be worth waiting. */
const defaultRetrySec = 5

/**
 * Turns whatever was thrown into what may be said about it. A refusal goes out as it is; anything else is our fault: its
 * cause goes to the log under a number, and only the number goes out.
 */
export function refusalFor(error: unknown, log: Pick<Logger, 'error' | 'warn'>, context: object = {}): Refusal {
  if (!isAppError(error)) {
    const incident = newIncident()
    log.error({ ...context, err: error, incident }, 'A request failed')
    return {
      code: 'internal',
      message: `Something went wrong here, not with your request. If it happens again, report incident ${incident}.`,
    }
  }
  if (error.cause !== undefined) log.warn({ ...context, err: error.cause, code: error.code }, error.message)
  const { code, message, issues } = error
  const canRetry = code === 'unavailable' || code === 'too-many-requests'
  const retryAfterSec = error.retryAfterSec ?? (canRetry ? defaultRetrySec : undefined)
  return { code, message, ...(issues ? { issues } : {}), ...(retryAfterSec === undefined ? {} : { retryAfterSec }) }
}
