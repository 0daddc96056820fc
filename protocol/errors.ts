import { z } from 'zod'

/** Every way a request can be refused. A code that is missing here does not compile there. */
export const statusOfCode = {
  'bad-request': 400,
  forbidden: 403,
  'not-found': 404,
  /** It was there, and its owner deleted it. */
  gone: 410,
  'method-not-allowed': 405,
  /** The run has already ended, or its input is closed. */
  conflict: 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  /** A field is wrong: `issues` says which, and what is allowed. */
  invalid: 422,
  'too-many-requests': 429,
  /** Ours: `message` carries a number to quote. */
  internal: 500,
  /** No sandbox can be had now: the engine is down, an image is missing, or the queue is full. */
  unavailable: 503,
} as const
export type ErrorCode = keyof typeof statusOfCode
export const ErrorCode = z.enum(Object.keys(statusOfCode) as [ErrorCode, ...ErrorCode[]])

export const Issue = z.strictObject({ path: z.string(), message: z.string() })
export type Issue = z.infer<typeof Issue>

export const ErrorBody = z
  .strictObject({ error: z.strictObject({ code: ErrorCode, message: z.string(), issues: z.array(Issue).optional() }) })
  .meta({ id: 'Error' })
export type ErrorBody = z.infer<typeof ErrorBody>

/**
 * A request refused, with what to do about it. Tell it from other errors by `code` (see `isAppError`), never by class:
 * thrower and catcher may live in different bundles, which hold different copies of this class.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly issues: Issue[] | undefined
  /** Seconds after which asking again makes sense. */
  readonly retryAfterSec: number | undefined
  constructor(code: ErrorCode, message: string, more: { issues?: Issue[]; retryAfterSec?: number; cause?: unknown } = {}) {
    super(message, { cause: more.cause })
    this.code = code
    this.issues = more.issues
    this.retryAfterSec = more.retryAfterSec
  }
}

export function isAppError(error: unknown): error is AppError {
  return (
    error instanceof Error &&
    error.name === 'AppError' &&
    typeof (error as { code?: unknown }).code === 'string' &&
    (error as AppError).code in statusOfCode
  )
}
