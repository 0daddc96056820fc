import { expect, test } from 'vitest'
import { RunId, runIdAlphabet, runIdLength } from '../protocol/ids.ts'
import { newRunId } from './run-id.ts'

test('an address has the form the protocol promises, and never comes twice', () => {
  const ids = Array.from({ length: 1000 }, () => newRunId())
  for (const id of ids) expect(RunId.safeParse(id).success).toBe(true)
  expect(new Set(ids).size).toBe(1000)
})

test('every character is equally likely: as many byte values stand for each, and the rest for none', () => {
  const counts = new Map<string, number>()
  for (let byte = 0; byte < 256; byte++) {
    // One byte of chance, then only zeros: a value that is thrown away leaves an address of zeros behind.
    const given = [Uint8Array.of(byte)]
    const id = newRunId(() => given.shift() ?? new Uint8Array(runIdLength))
    if (byte === 0 || id !== runIdAlphabet[0]?.repeat(runIdLength)) counts.set(id[0] ?? '', (counts.get(id[0] ?? '') ?? 0) + 1)
  }
  const perLetter = Math.floor(256 / runIdAlphabet.length)
  // The first letter is also what zeros give, so only one of its values can be told apart here.
  for (const letter of runIdAlphabet.slice(1)) expect(counts.get(letter)).toBe(perLetter)
})
