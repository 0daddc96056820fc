import type { Page } from '@playwright/test'
import { expect, test } from './person.ts'

/** Without this one none of the page's own scripts begins. Held alone, for a browser asks for a few things at a time only. */
const runtime = /\/_next\/static\/chunks\/turbopack-.*\.js/

/** Keeps the page from coming to life until it is called. */
async function holdPage(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await page.route(runtime, async (route) => {
    await promise
    await route.continue()
  })
  return resolve
}

test('the editor needs no script of the page: it stands and takes text while they are still on their way, and the page keeps it', async ({
  page,
}) => {
  const letGo = await holdPage(page)
  await page.goto('/', { waitUntil: 'commit' })
  const lines = page.locator('.monaco-editor .view-line')
  await expect(lines.first()).toContainText('Two customers')
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.type('# written early ')
  await expect(lines.first()).toContainText('# written early # Two')
  letGo()
  await expect(page.getByTestId('editor')).toHaveAttribute('data-ready', 'true')
  await page.keyboard.type('and late ')
  await expect(lines.first()).toContainText('# written early and late # Two')
  await expect(page.locator('.monaco-editor').first()).toBeVisible()
  // The page knows what was written before it listened: it is there again after a reload.
  await page.reload()
  await expect(lines.first()).toContainText('# written early and late # Two')
})

test('somebody who has a draft never sees the example first', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("mine")\n')
  await expect(workbench.editor).toContainText('mine')
  const letGo = await holdPage(page)
  await page.reload({ waitUntil: 'commit' })
  const place = page.getByTestId('editor')
  await expect(place).toBeAttached()
  // The editor's script has run by now, and leaves the place to who knows the draft.
  await page.waitForFunction(() => document.querySelector('link[href*="/_editor/"][rel=stylesheet]'))
  await expect(place).not.toContainText('customers')
  letGo()
  await expect(workbench.editor).toContainText('mine')
  await expect(place).not.toContainText('customers')
})

test("the page's own scripts stay within their budget, and every script comes compressed", async ({ workbench, page }) => {
  const html = page.waitForResponse((response) => new URL(response.url()).pathname === '/')
  const scripts: { path: string; encoding: string | undefined; bytes: number }[] = []
  page.on('response', async (response) => {
    const path = new URL(response.url()).pathname
    if (!path.endsWith('.js')) return
    const headers = response.headers()
    scripts.push({ path, encoding: headers['content-encoding'], bytes: Number(headers['content-length']) })
  })
  await workbench.open()
  const named = [...(await (await html).text()).matchAll(/<script src="([^"?]+)[^>]*>/g)].map(([, path]) => path)
  const own = scripts.filter(({ path }) => named.includes(path) && !path.startsWith('/_editor/'))
  expect(own.length).toBeGreaterThan(5)
  expect(scripts.filter(({ encoding }) => encoding !== 'br')).toEqual([])
  // In kB. Nothing of it is needed for the editor; it is what comes beside it.
  expect(own.reduce((sum, { bytes }) => sum + bytes, 0) / 1000).toBeLessThan(ownBudget)
})
/** React and Next are 113 of it. The workbench, and zod with it, is fetched when the editor stands. */
const ownBudget = 180
