/** Chance that a failing test can repeat: the same seed gives the same numbers (mulberry32, by Tommy Ettinger). */
export function seededRandom(seed: number) {
  let state = seed
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  /** A whole number from 0 up to, without, `end`. */
  const below = (end: number) => Math.floor(next() * end)
  return {
    below,
    chance: (probability: number) => next() < probability,
    pick: <T>(from: readonly T[]): T => from[below(from.length)] as T,
    bytes: (length: number) => Uint8Array.from({ length }, () => below(256)),
    /** The same bytes in pieces of 1 to `longest`. */
    pieces(bytes: Uint8Array, longest: number): Uint8Array[] {
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + below(longest)
        pieces.push(bytes.subarray(at, at + length))
        at += length
      }
      return pieces
    },
  }
}
