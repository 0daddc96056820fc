import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RunEvent } from '../protocol/run.ts'
import { eventStream, positionAsked } from './event-stream.ts'

const output = (seq: number, text = 'x'): RunEvent => ({ seq, at: 0, type: 'output', stage: 'run', stream: 'stdout', text })
const decode = (chunk: Uint8Array | undefined) => new TextDecoder().decode(chunk)

afterEach(() => vi.useRealTimers())

test('each event is one line of JSON under its number, and the stream ends with the log', async () => {
  const stop = vi.fn()
  async function* log() {
    yield [output(3, 'a\nb'), output(4)]
  }
  const text = await new Response(eventStream(log(), stop)).text()
  expect(text).toBe(
    `retry: 1000\n\nid: 3\ndata: ${JSON.stringify(output(3, 'a\nb'))}\n\nid: 4\ndata: ${JSON.stringify(output(4))}\n\n`,
  )
  expect(stop).toHaveBeenCalled()
})

test('nothing is read ahead of the reader', async () => {
  let asked = 0
  async function* log() {
    for (let seq = 0; ; seq++) {
      asked += 1
      yield [output(seq, 'x'.repeat(60_000))]
    }
  }
  const reader = eventStream(log(), () => {}).getReader()
  await reader.read()
  expect(asked).toBe(0)
  await reader.read()
  expect(asked).toBe(1)
  await reader.cancel()
})

test('silence is filled, so that the line stays open, and nothing is lost to it', async () => {
  vi.useFakeTimers()
  let happen = (_: RunEvent[]) => {}
  const event = new Promise<RunEvent[]>((resolve) => {
    happen = resolve
  })
  async function* log() {
    yield await event
  }
  const reader = eventStream(log(), () => {}).getReader()
  await reader.read()
  const comment = reader.read()
  await vi.advanceTimersByTimeAsync(15_000)
  expect(decode((await comment).value)).toMatch(/^: /)
  const next = reader.read()
  happen([output(0)])
  expect(decode((await next).value)).toMatch(/^id: 0\n/)
})

test('a reader that leaves stops the reading', async () => {
  const stop = vi.fn()
  async function* log() {
    yield await new Promise<RunEvent[]>(() => {})
  }
  const reader = eventStream(log(), stop).getReader()
  await reader.read()
  const pending = reader.read()
  await reader.cancel()
  expect((await pending).done).toBe(true)
  expect(stop).toHaveBeenCalled()
})

test('a log that cannot be read breaks the stream off, so that the reader comes back', async () => {
  const stop = vi.fn()
  // biome-ignore lint/correctness/useYield: it fails before it has anything.
  async function* log(): AsyncGenerator<RunEvent[]> {
    throw new Error('The database is away.')
  }
  const reader = eventStream(log(), stop).getReader()
  await reader.read()
  await expect(reader.read()).rejects.toThrow('away')
  expect(stop).toHaveBeenCalled()
})

describe('where a reader goes on', () => {
  test.each([
    ['at the beginning', null, undefined, -1],
    ['where the address says', null, 4, 4],
    ['after the event it had last, whatever its address says', '7', 4, 7],
    ['at the beginning with an empty header', '', undefined, -1],
  ])('%s', (_, header, after, position) => expect(positionAsked(header, after)).toBe(position))

  test.each(['x', '-1', '1.5', '1e9', '99999999999'])('is refused as %j', (header) =>
    expect(() => positionAsked(header, undefined)).toThrow(expect.objectContaining({ code: 'invalid' })),
  )
})
