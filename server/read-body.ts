import { AppError, type Issue } from '../protocol/errors.ts'
import { bytes } from '../protocol/words.ts'

/**
 * The JSON value of a request's body. Refuses, in this order: another content type (415), more than `maxBytes` (413, and
 * never holds more than that), text that is not UTF-8 or not JSON (400).
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new AppError('unsupported-media-type', 'Send JSON, with the header "Content-Type: application/json".')
  }
  const body = await readBytes(request, maxBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    const message = error instanceof SyntaxError ? 'The body is not JSON.' : 'The body is not UTF-8 text.'
    throw new AppError('bad-request', message)
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new AppError('too-large', `A request has at most ${bytes(maxBytes)}.`)
  // Believed only when it says too much: a client that states less than it sends is still counted below.
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge()
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new AppError('bad-request', 'The request ended before its body did.', { cause })
    })
    if (done) return Buffer.concat(chunks, size)
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel().catch(() => {})
      throw tooLarge()
    }
    chunks.push(value)
  }
}

/** An answer names this many mistakes; who has more of them reads no further either. */
const maxIssues = 20

/** A zod error's issues in our words: one for each wrong field, unknown ones by name. */
export function issuesOf(error: { issues: readonly ZodIssue[] }): Issue[] {
  const issues: Issue[] = []
  for (const issue of error.issues) {
    if (issues.length >= maxIssues) break
    const path = issue.path.map((part) => shortened(String(part), 100)).join('.')
    if (issue.code === 'unrecognized_keys') {
      for (const key of (issue.keys ?? []).slice(0, maxIssues - issues.length)) {
        issues.push({ path: [path, shortened(key, 100)].filter(Boolean).join('.'), message: 'There is no such field.' })
      }
    } else {
      // The reason a key of a record is wrong sits one level deeper.
      const message = issue.code === 'invalid_key' ? (issue.issues?.[0]?.message ?? issue.message) : issue.message
      issues.push({ path, message: shortened(message, 300) })
    }
  }
  return issues
}
type ZodIssue = {
  code?: string
  path: readonly PropertyKey[]
  message: string
  keys?: readonly string[]
  issues?: readonly { message: string }[]
}
const shortened = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text)
