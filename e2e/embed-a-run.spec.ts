import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test as person } from './person.ts'

/** A page of somebody else's, at another origin, with this in it. */
const test = person.extend<{ elsewhere(html: string): Promise<string> }>({
  elsewhere: async ({ browserName: _ }, use) => {
    const servers: ReturnType<typeof createServer>[] = []
    await use(async (html) => {
      const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html))
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  },
})

test('a run stands in a frame of another page: how it ended, code, output, replay, and the way to the whole of it', async ({
  workbench,
  page,
  browser,
  elsewhere,
}) => {
  await workbench.open()
  await workbench.write('print("from the frame")\nraise ValueError("boom")\n')
  await workbench.run()
  await expect(workbench.verdict).toBeVisible()
  const address = await workbench.share()
  await page.goto(address)
  await page.getByRole('button', { name: 'Take away' }).click()
  await page.getByRole('menuitem', { name: 'Copy HTML to embed it' }).click()
  await expect(page.getByText('HTML copied').first()).toBeVisible()
  const snippet = await page.evaluate(() => navigator.clipboard.readText())

  // Another browser, at another origin, where nothing of ours was ever stored.
  const context = await browser.newContext()
  const other = await context.newPage()
  const listen = 'onmessage = ({ data }) => { if (data.source === "bugghost") document.title = "height " + data.height }'
  await other.goto(await elsewhere(`<!doctype html><title>theirs</title><script>${listen}</script>${snippet}`))
  const frame = other.frameLocator('iframe')
  await expect(frame.getByRole('heading')).toContainText('Exited with code 1')
  await expect(frame.getByRole('region', { name: 'Code' })).toContainText('raise ValueError')
  await expect(frame.getByRole('log')).toContainText('from the frame')
  await expect(frame.getByRole('button', { name: 'Play' })).toBeVisible()
  await expect(frame.getByRole('link', { name: /Open/ })).toHaveAttribute('href', address)
  await expect(other).toHaveTitle(/^height \d{3,}$/)
  expect(await context.cookies()).toEqual([])
  await context.close()
})

test('what is no embed stands in no frame of another page', async ({ page, baseURL, browser, elsewhere }) => {
  await page.goto('/')
  const context = await browser.newContext()
  const other = await context.newPage()
  await other.goto(await elsewhere(`<iframe src="${baseURL}/"></iframe>`))
  await expect.poll(() => other.frames().map((frame) => frame.url())).toContain('chrome-error://chromewebdata/')
  await context.close()
})

for (const theme of ['light', 'dark'] as const) {
  test(`an embedded run keeps nobody out (${theme})`, async ({ workbench, page }) => {
    await workbench.open()
    await workbench.run()
    await expect(workbench.verdict).toBeVisible()
    const address = await workbench.share()
    await page.goto(`${address.replace('/r/', '/embed/')}?theme=${theme}`)
    await expect(page.getByRole('log')).toBeVisible()
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([])
  })
}
