import { expect, test } from 'vitest'
import { createTally } from './tally.ts'

function tallyOf(...chunks: string[]) {
  const tally = createTally()
  for (const chunk of chunks) tally.add(Buffer.from(chunk))
  return tally.result()
}

test('it is the same however the rows are cut and ordered', () => {
  const whole = tallyOf('a\t1\nb\t2\n\nc\t3\n')
  expect(whole.rows).toBe(4)
  expect(tallyOf('a', '\t1', '\nb\t2\n', '\nc\t3', '\n')).toEqual(whole)
  expect(tallyOf('c\t3\n\nb\t2\na\t1\n')).toEqual(whole)
})

test.each([
  ['a row is missing', 'a\t1\n'],
  ['a row is there twice', 'a\t1\nb\t2\nb\t2\n'],
  ['a row is there three times instead of once', 'a\t1\nb\t2\nb\t2\nb\t2\n'],
  ['a letter is another', 'a\t1\nb\t3\n'],
  ['two rows have exchanged a value', 'a\t2\nb\t1\n'],
])('it is another when %s', (_, rows) => expect(tallyOf(rows).checksum).not.toBe(tallyOf('a\t1\nb\t2\n').checksum))
