import { hash } from 'node:crypto'

/** What a table holds, whatever order its rows come in: two that are equal hold the same. */
export type Tally = { rows: number; checksum: string }

/**
 * Counts rows of PostgreSQL's COPY text format (each ends with the only newline that is not escaped) and adds up what each
 * hashes to. Adding, since PostgreSQL promises no order, and sorting millions of rows twice would cost more than moving them.
 */
export function createTally(): { add(chunk: Buffer): void; result(): Tally } {
  let rows = 0
  let sum = 0n
  let begun: Buffer[] = []
  return {
    add(chunk) {
      let from = 0
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        const piece = chunk.subarray(from, end)
        const row = begun.length > 0 ? Buffer.concat([...begun, piece]) : piece
        begun = []
        rows += 1
        sum = BigInt.asUintN(128, sum + numberOf(hash('sha256', row, 'buffer')))
        from = end + 1
      }
      if (from < chunk.length) begun.push(chunk.subarray(from))
    },
    result: () => ({ rows, checksum: sum.toString(16).padStart(32, '0') }),
  }
}

const numberOf = (digest: Buffer): bigint => (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8)
