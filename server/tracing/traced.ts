import { isAppError } from '../../protocol/errors.ts'
import type { Traceparent, Tracing } from './tracing.ts'

/** Answers a request within a span of its own, under that of whoever sent it. */
export async function traced<T>(
  tracing: Tracing,
  { request, receivedAt, name }: { request: Request; receivedAt: number; name: string },
  answer: (traceparent: Traceparent | undefined) => Promise<T>,
): Promise<T> {
  if (!tracing.on) return answer(undefined)
  const span = tracing.open(name, 'server', { under: request.headers.get('traceparent') ?? undefined, from: receivedAt })
  try {
    const answered = await answer(span.traceparent)
    span.end()
    return answered
  } catch (error) {
    // A refusal is an answer too; what has no code is our failure.
    const code = isAppError(error) ? error.code : 'internal'
    span.end({ attributes: { 'bugghost.refusal': code }, failed: code === 'internal' || code === 'unavailable' })
    throw error
  }
}
