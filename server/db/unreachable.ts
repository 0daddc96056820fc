import { AppError } from '../../protocol/errors.ts'

/** Connections refused, cut or not found, as Node says it. */
const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/**
 * What PostgreSQL says when it cannot serve anyone now. 08: connection; 53: out of connections, memory or disk;
 * 57P: shutting down, crashed, starting; 57014: a statement ran out of time; 25006: a standby that takes no writes.
 */
const sqlState = /^(08...|53...|57P0[1-4]|57014|25006)$/

/** `pg` has no codes of its own. */
const pgMessages =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|connection error and is not queryable|Client was closed/

/**
 * Whether a failed query says something about the database being away, rather than about the query.
 * Drizzle's wrapping is looked through.
 */
export function isUnreachable(error: unknown): boolean {
  const { code, message } = bare(error)
  if (code !== undefined) return systemCodes.has(code) || sqlState.test(code)
  return pgMessages.test(message)
}

/** Whether the connection was cut, so that asking again on another one makes sense at once. */
export function isCut(error: unknown): boolean {
  const { code, message } = bare(error)
  return code === '57P01' || code === 'ECONNRESET' || code === 'EPIPE' || message.startsWith('Connection terminated unexpectedly')
}

/**
 * The error to throw for a failed query: `unavailable` with what to do when the database is away, else PostgreSQL's own.
 * Never Drizzle's, whose message repeats the query's parameters: people's code.
 */
export function databaseError(error: unknown): unknown {
  const cause = unwrapped(error)
  if (!isUnreachable(cause)) return cause
  return new AppError('unavailable', 'The database cannot be reached. Try again in a moment; /api/health says what is wrong.', {
    cause,
    retryAfterSec: 5,
  })
}

/** What `pg` threw, out of Drizzle's wrapping; of several refused addresses the first. */
function unwrapped(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return unwrapped(error.errors[0])
  if (error instanceof Error && 'query' in error && 'params' in error && error.cause) return unwrapped(error.cause)
  return error
}

function bare(error: unknown): { code: string | undefined; message: string } {
  const cause = unwrapped(error) as { code?: unknown; message?: unknown } | null
  return {
    code: typeof cause?.code === 'string' ? cause.code : undefined,
    message: typeof cause?.message === 'string' ? cause.message : '',
  }
}
