import { expect, test } from 'vitest'
import { sizeTable } from './image-sizes.mjs'
import { heldBy } from './old-images.mjs'

test('what an image shares with the one under it is counted once', () => {
  const table = sizeTable([
    { name: 'debian:trixie-slim', bytes: 80e6, under: 0 },
    { name: 'base', bytes: 81e6, under: 80e6 },
    { name: 'python 3.13', bytes: 281.4e6, under: 81e6 },
    { name: 'lua 5.4', bytes: undefined, under: 81e6 },
  ])
  expect(table.split('\n')).toEqual([
    '| image | in all | of its own |',
    '| --- | ---: | ---: |',
    '| debian:trixie-slim | 80 MB | 80 MB |',
    '| base | 81 MB | 1 MB |',
    '| python 3.13 | 281 MB | 200 MB |',
    '| lua 5.4 | missing | missing |',
    '| together |  | 281 MB |',
  ])
})

test('old images hold what is neither in an image that is kept nor in another old one', () => {
  const image = (bytes: number, ...layers: string[]) => ({ tags: [], id: layers.join(), bytes, layers })
  const kept = [image(10, 'debian'), image(12, 'debian', 'agent')]
  const old = [image(15, 'debian', 'agent', 'python'), image(11, 'debian', 'old-agent'), image(21, 'debian', 'old-agent', 'node')]
  // The same image under two names, too.
  expect(heldBy([...old, image(21, 'debian', 'old-agent', 'node')], kept)).toBe(3 + 1 + 10)
})
