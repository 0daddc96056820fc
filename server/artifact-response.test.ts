import { expect, test } from 'vitest'
import { artifactResponse } from './artifact-response.ts'

const artifact = (path: string, media_type: string) => ({
  path,
  media_type,
  bytes: 2,
  content: Buffer.from('hi').toString('base64'),
})

test.each([
  ['plot.png', 'image/png', 'image/png', 'inline'],
  ['plot.svg', 'image/svg+xml', 'image/svg+xml', 'inline'],
  ['table.csv', 'text/csv', 'text/csv; charset=utf-8', 'inline'],
  ['page.html', 'text/html', 'application/octet-stream', 'attachment'],
  ['a.bin', 'application/octet-stream', 'application/octet-stream', 'attachment'],
])('%s is a stranger’s file: %s is answered as %s, %s', async (path, type, answered, how) => {
  const response = artifactResponse(artifact(path, type))
  expect(response.headers.get('content-type')).toBe(answered)
  expect(response.headers.get('content-disposition')).toContain(`${how};`)
  expect(await response.text()).toBe('hi')
})

test('a file may be called anything', () => {
  const header = artifactResponse(artifact('out/naïve "plot"\r\n(1).png', 'image/png')).headers.get('content-disposition')
  expect(header).toBe("inline; filename*=UTF-8''na%C3%AFve%20%22plot%22%0D%0A%281%29.png")
})
