import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Acknowledgement } from '../../protocol/channel.ts'
import type { RunEvent } from '../../protocol/run.ts'
import { followRun, type RunSocket } from './follow-run.ts'

type Handler = (...args: never[]) => void

/** A socket that does what a test tells it, and remembers what it was asked. */
function createSocket({ connected }: { connected: boolean }) {
  const handlers = new Map<string, Set<Handler>>()
  const asked: [string, unknown][] = []
  const answers: ((answer: Acknowledgement) => void)[] = []
  const fake = {
    connected,
    on: (name: string, handler: Handler) => handlers.set(name, (handlers.get(name) ?? new Set()).add(handler)),
    off: (name: string, handler: Handler) => handlers.get(name)?.delete(handler),
    connect: () => asked.push(['connect', null]),
    emit: (name: string, message: unknown, answer?: (answer: Acknowledgement) => void) => {
      asked.push([name, message])
      if (answer) answers.push(answer)
    },
  }
  const happens = (name: string, ...args: unknown[]) => {
    if (name === 'connect') fake.connected = true
    if (name === 'disconnect') fake.connected = false
    for (const handler of handlers.get(name) ?? []) handler(...(args as never[]))
  }
  const answer = (text: Acknowledgement) => answers.shift()?.(text)
  return {
    socket: fake as unknown as RunSocket,
    asked,
    happens,
    answer,
    listeners: () => [...handlers.values()].flatMap((set) => [...set]).length,
  }
}

const streams: FakeStream[] = []
class FakeStream {
  static readonly CLOSED = 2
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onerror: (() => void) | null = null
  readonly url: string
  constructor(url: string) {
    this.url = url
    streams.push(this)
  }
  close() {
    this.readyState = FakeStream.CLOSED
  }
}

const event = (seq: number): RunEvent => ({ seq, at: seq, type: 'input-end' })

function follow({ connected = true } = {}) {
  const seen: string[] = []
  let position = -1
  const net = createSocket({ connected })
  const following = followRun(net.socket, 'run-1', {
    position: () => position,
    onEvents: (events, received) => {
      position = events.at(-1)?.seq ?? position
      seen.push(`events ${events.map((e) => e.seq)}`)
      received()
    },
    onLink: (link) => seen.push(link),
    onRefused: ({ message }) => seen.push(`refused: ${message}`),
  })
  return { ...net, following, seen }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', FakeStream)
  streams.length = 0
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('over the socket', () => {
  test('everything is asked for at first', () => {
    const { asked } = follow()
    expect(asked).toEqual([['run:follow', { run_id: 'run-1', after: -1 }]])
  })

  test('after a lost connection only what came since is asked for', () => {
    const { happens, asked, seen } = follow()
    happens('run:event', { run_id: 'run-1', events: [event(0), event(1)] }, () => {})
    happens('disconnect')
    happens('connect')
    expect(asked.at(-1)).toEqual(['run:follow', { run_id: 'run-1', after: 1 }])
    expect(seen).toEqual(['events 0,1', 'reconnecting'])
  })

  test('events of another run are taken from the server and not shown', () => {
    const { happens, seen } = follow()
    const received = vi.fn()
    happens('run:event', { run_id: 'run-0', events: [event(0)] }, received)
    expect(received).toHaveBeenCalledOnce()
    expect(seen).toEqual([])
  })

  test('what is no event says that the page is out of date', () => {
    const { happens, seen } = follow()
    happens('run:event', { run_id: 'run-1', events: [{ seq: 0, type: 'dance' }] }, () => {})
    expect(seen).toEqual([expect.stringContaining('refused')])
  })

  test('a refusal is passed on in the words of the server', () => {
    const { answer, seen } = follow()
    answer({ ok: false, error: { code: 'not-found', message: 'There is no such run.' } })
    expect(seen).toEqual(['refused: There is no such run.'])
  })

  test('leaving tells the server and listens to nothing more', () => {
    const { following, asked, listeners } = follow()
    following.close()
    expect(asked.at(-1)).toEqual(['run:unfollow', { run_id: 'run-1' }])
    expect(listeners()).toBe(0)
  })
})

describe('where the socket does not get through', () => {
  test('the run is followed by server-sent events', () => {
    const { happens, seen } = follow({ connected: false })
    happens('connect_error')
    expect(streams.map((stream) => stream.url)).toEqual(['/api/runs/run-1/events?after=-1'])
    streams[0]!.onmessage?.({ data: JSON.stringify(event(0)) })
    expect(seen).toEqual(['events 0'])
  })

  test('they begin without waiting for it to fail', () => {
    follow({ connected: false })
    vi.advanceTimersByTime(1000)
    expect(streams).toHaveLength(1)
  })

  test('they are left when the socket connects after all, and it goes on from there', () => {
    const { happens, asked, answer } = follow({ connected: false })
    happens('connect_error')
    streams[0]!.onmessage?.({ data: JSON.stringify(event(0)) })
    happens('connect')
    answer({ ok: true })
    expect(asked.at(-1)).toEqual(['run:follow', { run_id: 'run-1', after: 0 }])
    expect(streams[0]!.readyState).toBe(FakeStream.CLOSED)
  })

  test('a stream the server refused is tried again with the next failure of the socket', () => {
    const { happens } = follow({ connected: false })
    happens('connect_error')
    streams[0]!.readyState = FakeStream.CLOSED
    streams[0]!.onerror?.()
    happens('connect_error')
    expect(streams).toHaveLength(2)
  })

  test('leaving closes the stream', () => {
    const { happens, following } = follow({ connected: false })
    happens('connect_error')
    following.close()
    vi.advanceTimersByTime(5000)
    expect(streams.map((stream) => stream.readyState)).toEqual([FakeStream.CLOSED])
  })
})
