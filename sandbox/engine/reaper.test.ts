import { describe, expect, test, vi } from 'vitest'
import type { FoundSandbox } from './docker.ts'
import { isAbandoned, startReaper } from './reaper.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000)
const isInUse = (sandboxId: string) => sandboxId === 's1'
const found = (part: Partial<FoundSandbox> = {}): FoundSandbox => ({
  containerId: 'c1',
  sandboxId: 's1',
  instance: 'earlier',
  installation: 'ours',
  running: true,
  createdAt: minutesAgo(1),
  ...part,
})

test.each<[string, string, Partial<FoundSandbox>]>([
  ['ours, of a server that is gone', 'abandoned', { instance: 'dead' }],
  ['ours, of a server that is gone, ended', 'abandoned', { instance: 'dead', running: false }],
  ['ours, of a server that lives', 'left alone', { instance: 'alive' }],
  ['this server’s own and in use, however old', 'left alone', { instance: 'this', createdAt: minutesAgo(9_999), running: false }],
  ['this server’s own, which it could not remove', 'abandoned', { instance: 'this', sandboxId: 'given-up' }],
  [
    'somebody else’s and running, however old',
    'left alone',
    { installation: 'theirs', instance: 'dead', createdAt: minutesAgo(9_999) },
  ],
  ['somebody else’s, ended a moment ago', 'left alone', { installation: 'theirs', running: false }],
  ['somebody else’s, ended and forgotten', 'abandoned', { installation: 'theirs', running: false, createdAt: minutesAgo(11) }],
  ['nobody’s, running', 'left alone', { installation: '', instance: '', createdAt: minutesAgo(11) }],
])('a container that is %s is %s', (_, fate, part) => {
  expect(isAbandoned(found(part), { installation: 'ours', instance: 'this', dead: new Set(['dead']), isInUse, now })).toBe(
    fate === 'abandoned',
  )
})

describe('a look', () => {
  function reaperOver(
    containers: FoundSandbox[],
    more: { remove?: (id: string) => Promise<void>; list?: () => Promise<FoundSandbox[]> } = {},
  ) {
    const remove = vi.fn(more.remove ?? (async () => {}))
    const isAlive = vi.fn(async (instance: string) => instance === 'alive')
    const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    const reaper = startReaper({
      engine: { listSandboxes: vi.fn(more.list ?? (async () => containers)), isInUse, remove },
      instance: 'this',
      installation: 'ours',
      isAlive,
      log,
    })
    return { reaper, remove, isAlive, log }
  }

  test('removes what a dead server left and what this one could not remove, and nothing else', async () => {
    const { reaper, remove, isAlive } = reaperOver([
      found({ containerId: 'left-1', instance: 'dead' }),
      found({ containerId: 'left-2', instance: 'dead' }),
      found({ containerId: 'neighbour', instance: 'alive' }),
      found({ containerId: 'own', instance: 'this' }),
      found({ containerId: 'left-3', instance: 'this', sandboxId: 'given-up' }),
      found({ containerId: 'foreign', installation: 'theirs', instance: 'dead' }),
    ])
    reaper.look()
    await reaper.close()
    expect(remove.mock.calls.map(([id]) => id)).toEqual(['left-1', 'left-2', 'left-3'])
    // Each maker is asked for once, and this server knows of itself.
    expect(isAlive.mock.calls.map(([instance]) => instance)).toEqual(['dead', 'alive'])
  })

  test('that fails is told of, and the next one works', async () => {
    let away = true
    const { reaper, remove, log } = reaperOver([], {
      list: async () => {
        if (away) throw new Error('the engine is away')
        return [found({ instance: 'dead' })]
      },
    })
    reaper.look()
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalledWith({ reason: 'the engine is away' }, expect.any(String)))
    away = false
    await vi.waitFor(() => {
      reaper.look()
      expect(remove).toHaveBeenCalledWith('c1')
    })
    await reaper.close()
  })

  test('under way serves all who ask', async () => {
    const listed = Promise.withResolvers<FoundSandbox[]>()
    const list = vi.fn(() => listed.promise)
    const { reaper } = reaperOver([], { list })
    reaper.look()
    reaper.look()
    listed.resolve([])
    await reaper.close()
    expect(list).toHaveBeenCalledTimes(1)
  })

  test('keeps on until what it left is gone when closed', async () => {
    const removed = Promise.withResolvers<void>()
    const { reaper } = reaperOver([found({ instance: 'dead' })], { remove: () => removed.promise })
    reaper.look()
    let closed = false
    const closing = reaper.close().then(() => {
      closed = true
    })
    await new Promise(setImmediate)
    expect(closed).toBe(false)
    removed.resolve()
    await closing
  })

  test('comes again by itself', async () => {
    vi.useFakeTimers()
    try {
      const list = vi.fn(async () => [])
      const { reaper } = reaperOver([], { list })
      await vi.advanceTimersByTimeAsync(90_000)
      expect(list).toHaveBeenCalledTimes(3)
      await reaper.close()
      await vi.advanceTimersByTimeAsync(90_000)
      expect(list).toHaveBeenCalledTimes(3)
    } finally {
      vi.useRealTimers()
    }
  })

  test('takes the rest away when one container cannot be removed', async () => {
    const { reaper, remove, log } = reaperOver(
      [found({ containerId: 'stuck', instance: 'dead' }), found({ containerId: 'left', instance: 'dead' })],
      {
        remove: async (id) => {
          if (id === 'stuck') throw new Error('the engine did not answer "remove" within 15 s')
        },
      },
    )
    reaper.look()
    await reaper.close()
    expect(remove.mock.calls.map(([id]) => id)).toEqual(['stuck', 'left'])
    expect(log.warn).toHaveBeenCalledTimes(1)
  })
})
