import { type Logger, pino } from 'pino'
import type { RunId } from '../protocol/ids.ts'

/**
 * The log of this process: a line of JSON each, on stderr. A line about a run has its id as `run_id`; no line has anything of what people sent
 * or programs wrote.
 */
export function openLog(level: string, process: 'web' | 'worker', to: pino.DestinationStream = pino.destination(2)): Logger {
  return pino({ level, base: { process }, serializers: { err: errorForLog } }, to)
}

/** The log of one run, made when there is something to say of it: mostly there is not. */
export function logOfRun(log: Logger, runId: RunId): () => Logger {
  let made: Logger | undefined
  return () => {
    made ??= log.child({ run_id: runId })
    return made
  }
}

export type LoggedError = {
  type: string
  message: string
  code?: string | number
  stack?: string
  cause?: LoggedError
}

const mostChars = 500
const mostCauses = 5

/**
 * What the log says of an error. Only these fields: libraries hang what they were given on their errors (a query's parameters, the row that was
 * refused, a command's arguments), and that is people's code.
 */
export function errorForLog(error: unknown, causes = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: firstLine(String(error)) }
  const { code } = error as { code?: unknown }
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause
  return {
    type: error.name,
    message: messageOf(error),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack ? { stack: placesOf(error.stack) } : {}),
    ...(inner !== undefined && causes < mostCauses ? { cause: errorForLog(inner, causes + 1) } : {}),
  }
}

function messageOf(error: Error): string {
  // JSON.parse and RegExp repeat the text they do not understand.
  if (error instanceof SyntaxError) return 'A text could not be read.'
  // Drizzle's message repeats the parameters; what PostgreSQL said is its cause.
  if ('query' in error && 'params' in error) return 'A query failed.'
  if ('issues' in error && Array.isArray(error.issues)) return error.issues.map(issueForLog).join('; ').slice(0, mostChars)
  // So does Redis of a command it does not know.
  return firstLine(error.message.replace(/,? with args beginning with.*$/s, ''))
}

/** Where it is and what kind of mistake, of zod's; the names deeper down may be a visitor's own. */
function issueForLog(issue: { code?: string; path?: readonly PropertyKey[] }): string {
  const path = (issue.path ?? []).slice(0, 2).map(String).join('.')
  return `${issue.code ?? 'wrong'} at ${path || 'the top'}`
}

const firstLine = (text: string): string => (text.split('\n', 1)[0] as string).slice(0, mostChars)

/** A stack without the message it begins with. */
const placesOf = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim())
    .join('\n')
