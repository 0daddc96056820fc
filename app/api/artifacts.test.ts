import { afterAll, beforeAll, expect, test } from 'vitest'
import { Run } from '../../protocol/run.ts'
import { openSampleServer } from './sample-server.ts'

let server: Awaited<ReturnType<typeof openSampleServer>>
beforeAll(async () => {
  server = await openSampleServer({
    script(execution) {
      execution.start()
      for (const [path, media_type] of [
        ['out/a b%20.svg', 'image/svg+xml'],
        ['page.html', 'text/html'],
      ] as const) {
        execution.emit({ at: 0, type: 'artifact', path, media_type, bytes: 5, content: Buffer.from('<svg>').toString('base64') })
      }
      execution.finish()
    },
  })
})
afterAll(() => server[Symbol.asyncDispose]())

async function startRun(): Promise<Run> {
  const response = await fetch(`${server.url}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language: 'script', code: 'draw', artifacts: ['**'] }),
  })
  return Run.parse(await response.json())
}
/** The address as the run says it, on the server of this test. */
const here = (url: string) => fetch(server.url + url.slice('http://localhost:3000'.length))

test('the files a program left are listed, and fetched by the address in the list, whatever they are called', async () => {
  const { artifacts } = await startRun()
  expect(artifacts.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['out/a b%20.svg', 5],
    ['page.html', 5],
  ])
  const drawn = await here(artifacts[0]!.url)
  expect(drawn.status).toBe(200)
  expect(await drawn.text()).toBe('<svg>')
  expect(drawn.headers.get('content-type')).toBe('image/svg+xml')
})

test('a browser runs nothing of them', async () => {
  const { artifacts } = await startRun()
  for (const { url } of artifacts) {
    const { headers } = await here(url)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  }
  const page = await here(artifacts[1]!.url)
  expect(page.headers.get('content-type')).toBe('application/octet-stream')
  expect(page.headers.get('content-disposition')).toMatch(/^attachment;/)
})

test('a file that is not there, and a run that is not there, are not found', async () => {
  const { run_id } = await startRun()
  for (const path of [`${run_id}/artifacts/other.png`, `${run_id}/artifacts/out`, `${'x'.repeat(26)}/artifacts/page.html`]) {
    expect((await fetch(`${server.url}/api/runs/${path}`)).status).toBe(404)
  }
})
