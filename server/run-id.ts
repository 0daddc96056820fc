import { randomBytes } from 'node:crypto'
import { type RunId, runIdAlphabet, runIdLength } from '../protocol/ids.ts'

/**
 * A fresh address: every character independent and equally likely, so nobody can guess it or count through to it.
 * `random` gives that many bytes of chance.
 */
export function newRunId(random: (count: number) => Uint8Array = randomBytes): RunId {
  // A byte modulo the number of letters would favour the first ones; bytes beyond the last whole multiple are thrown away instead.
  const fair = 256 - (256 % runIdAlphabet.length)
  let id = ''
  while (id.length < runIdLength) {
    for (const byte of random(2 * runIdLength)) {
      if (byte < fair && id.length < runIdLength) id += runIdAlphabet[byte % runIdAlphabet.length]
    }
  }
  return id as RunId
}
