import { expect, test } from 'vitest'
import { wordsFor } from './queue-notice.tsx'

test.each([
  [null, 'Your run is next.'],
  [0, 'Your run is next.'],
  [1, 'Your run is the only one that waits.'],
  [7, '7 runs are waiting, yours among them.'],
])('with %s in the queue it is said that %s', (queued, words) => expect(wordsFor(queued)).toBe(words))
