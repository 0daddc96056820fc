import { expect, test } from 'vitest'
import { embedSnippet, runIdOfAddress } from './embed.ts'

const runId = 'k7Vb2mXq9RwTz4HnPs6JcYdF'
const origin = 'https://bugs.example.org'

test('the snippet is one frame, of this run, no wider than the page around', () => {
  expect(embedSnippet(origin, runId, { width: '100%', height: 480 })).toBe(
    `<iframe src="${origin}/embed/${runId}" title="A run in Bug Ghost" width="100%" height="480" style="border:0;border-radius:12px;max-width:100%" loading="lazy"></iframe>`,
  )
})

test.each([
  [`${origin}/r/${runId}`, runId],
  [`${origin}/r/${runId}#L12`, runId],
  [`${origin}/r/${runId}/?from=chat`, runId],
  [`${origin}/embed/${runId}?theme=dark`, runId],
  [`https://elsewhere.example.org/r/${runId}`, null],
  [`${origin}/r/${runId}.txt`, null],
  [`${origin}/runs`, null],
  ['not an address', null],
])('%s is the address of %s', (address, expected) => expect(runIdOfAddress(address, origin)).toBe(expected))
