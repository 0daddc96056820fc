import { describe, expect, test } from 'vitest'
import { MiB } from '../../protocol/limits.ts'
import { type Artifact, createKeeping, mediaTypeOf } from './artifacts.ts'
import type { AgentFrame, Keep } from './frames.ts'

const wanted: Keep = { patterns: ['**'], files: 2, fileBytes: 2 * MiB, totalBytes: 3 * MiB, report: null }

function keepingOf(change: Partial<Keep> = {}) {
  const artifacts: Artifact[] = []
  const keeping = createKeeping({ ...wanted, ...change }, (artifact) => artifacts.push(artifact))
  const take = (...frames: Parameters<typeof keeping.take>[0][]) => frames.map((frame) => keeping.take(frame))
  return { keeping, artifacts, take }
}
type Frame<T extends AgentFrame['type']> = Extract<AgentFrame, { type: T }>
const file = (path: string | Uint8Array, bytes: number, kind: 'artifact' | 'report' = 'artifact'): Frame<'file'> => ({
  type: 'file',
  kind,
  path: Buffer.from(path as string),
  bytes,
})
const chunk = (text: string): Frame<'chunk'> => ({ type: 'chunk', bytes: Buffer.from(text) })

describe('a file', () => {
  test('is whole when its last piece has come', () => {
    const { keeping, artifacts, take } = keepingOf()
    take(file('out/é.txt', 5), chunk('ab'), chunk('cd'))
    expect([keeping.incomplete, artifacts]).toEqual([true, []])
    take(chunk('e'))
    expect([keeping.incomplete, artifacts]).toEqual([
      false,
      [{ path: 'out/é.txt', media_type: 'text/plain', bytes: 5, content: Buffer.from('abcde').toString('base64') }],
    ])
  })

  test('may be empty', () => {
    const { artifacts, take } = keepingOf()
    expect(take(file('a', 0))).toEqual([null])
    expect(artifacts).toMatchObject([{ path: 'a', bytes: 0, content: '' }])
  })

  test.each<[string, string | Uint8Array]>([
    ['leaves the workspace', '../etc/passwd'],
    ['starts at the root', '/etc/passwd'],
    ['goes up inside', 'a/../../b'],
    ['has an empty segment', 'a//b'],
    ['is not UTF-8', Buffer.of(0x61, 0xff)],
    ['has a NUL in it', 'a\0.png'],
    ['has a new line in it', 'a\nSet-Cookie: b'],
    ['is too long', 'a'.repeat(201)],
  ])('whose path %s is named and not kept', (_, path) => {
    const { keeping, artifacts, take } = keepingOf()
    expect(take(file(path, 1), chunk('x'))).toEqual([null, null])
    expect(artifacts).toEqual([])
    expect(keeping.notes).toEqual([expect.stringMatching(/^[^\n\0]* was not kept: its name is not plain text\.$/)])
  })

  test('that is not kept is named with the reason', () => {
    const { keeping, take } = keepingOf()
    const path = Buffer.from('plot.png')
    for (const reason of ['too-large', 'too-many', 'too-much', 'unreadable', 'path-too-long', 'and-more'] as const)
      take({ type: 'not-kept', reason, path })
    expect(keeping.notes).toEqual([
      'plot.png was not kept: it is larger than 2 MiB.',
      'plot.png was not kept: a run keeps at most 2 files.',
      'plot.png was not kept: the files of a run may have 3 MiB together.',
      'plot.png was not kept: it cannot be read.',
      'plot.png was not kept: its path is longer than 200 bytes.',
      'More files than these were not kept.',
    ])
  })
})

describe('a sandbox that lies is found out when', () => {
  test.each<[string, Parameters<ReturnType<typeof keepingOf>['take']>]>([
    ['a file is longer than it said', [file('a', 2), chunk('abc')]],
    ['a piece belongs to no file', [chunk('a')]],
    ['a file begins within another', [file('a', 2), file('b', 2)]],
    ['a file is too large', [file('a', 2 * MiB + 1)]],
    ['there are too many', [file('a', 0), file('b', 0), file('c', 0)]],
    ['a file comes twice', [file('a', 0), file('a', 0)]],
    ['a report comes that nobody asked for', [file('r', 1, 'report')]],
    ['more is not kept than could be', Array(18).fill({ type: 'not-kept', reason: 'unreadable', path: Buffer.from('a') })],
  ])('%s', (_, frames) => {
    const problems = keepingOf().take(...frames)
    expect(problems.slice(0, -1)).toEqual(problems.slice(0, -1).map(() => null))
    expect(problems.at(-1)).toMatch(/^the sandbox /)
  })

  test('all files together are too much', () => {
    const { take } = keepingOf({ totalBytes: 3 })
    expect(take(file('a', 2), chunk('ab'), file('b', 2)).at(-1)).toMatch(/^the sandbox /)
  })

  test('it sends files in a run that asked for none', () => {
    expect(createKeeping(null, () => {}).take(file('a', 0))).toMatch(/^the sandbox /)
  })
})

test('a report is text and no artifact; there is one', () => {
  const { keeping, artifacts, take } = keepingOf({ report: { path: '/tmp/r.xml', bytes: 10 } })
  expect(keeping.report).toBeNull()
  take(file('report', 4, 'report'), chunk('<a/>'))
  expect([keeping.report, artifacts]).toEqual(['<a/>', []])
  expect(take(file('report', 4, 'report'))[0]).toMatch(/^the sandbox /)
  expect(keepingOf({ report: { path: '/tmp/r.xml', bytes: 3 } }).take(file('report', 4, 'report'))[0]).toMatch(/^the sandbox /)
})

test.each([
  ['a.PNG', 'image/png'],
  ['dir.svg/a.jpeg', 'image/jpeg'],
  ['a.tar.gz', 'application/octet-stream'],
  ['Makefile', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
  ['dir.png/a', 'application/octet-stream'],
])('%s is %s', (path, type) => {
  expect(mediaTypeOf(path)).toBe(type)
})
