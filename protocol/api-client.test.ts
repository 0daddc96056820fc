import { expect, test } from 'vitest'
import { createApiClient } from './api-client.ts'
import { RunId } from './ids.ts'

const runId = RunId.parse('k7Vb2mXq9RwTz4HnPs6JcYdF')
const answering = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  const asked: { url: string; init: RequestInit | undefined }[] = []
  const fetcher: typeof fetch = async (url, init) => {
    asked.push({ url: String(url), init })
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })
  }
  return { asked, api: createApiClient('http://b.example', fetcher) }
}

test('a call goes to the path and query of the contract', async () => {
  const { asked, api } = answering(200, { runs: [], next_cursor: null })
  await api('listRuns', { query: { limit: 5, cursor: 'a b' } })
  expect(asked[0]?.url).toBe('http://b.example/api/runs?limit=5&cursor=a+b')
  const typed = answering(200, { run_id: runId })
  await typed.api('writeStdin', { params: { run_id: runId }, body: { data: 'x' } })
  expect(typed.asked[0]?.url).toBe(`http://b.example/api/runs/${runId}/stdin`)
  expect(typed.asked[0]?.init).toMatchObject({ method: 'POST', body: '{"data":"x"}' })
})

test('a refusal is thrown with the code, the words and the waiting time of the server', async () => {
  const { api } = answering(503, { error: { code: 'unavailable', message: 'All are busy.' } }, { 'retry-after': '5' })
  await expect(api('getRun', { params: { run_id: runId } })).rejects.toMatchObject({
    code: 'unavailable',
    message: 'All are busy.',
    retryAfterSec: 5,
  })
})

test.each([
  ['a page of a proxy', 502, '<h1>Bad gateway</h1>'],
  ['JSON that is no refusal', 500, { oops: true }],
])('%s is told as an unexpected answer', async (_, status, body) => {
  await expect(answering(status, body).api('listLanguages', {})).rejects.toMatchObject({ code: 'internal' })
})

test('a server that cannot be reached is told as such, an aborted call as an abort', async () => {
  const fetcher: typeof fetch = async (_, init) => {
    init?.signal?.throwIfAborted()
    throw new TypeError('fetch failed')
  }
  const api = createApiClient('', fetcher)
  await expect(api('listLanguages', {})).rejects.toMatchObject({ code: 'unavailable' })
  await expect(api('listLanguages', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
})

test('an answer that does not keep the contract is an error, not a value', async () => {
  await expect(answering(200, { languages: 'many' }).api('listLanguages', {})).rejects.toThrow()
})
