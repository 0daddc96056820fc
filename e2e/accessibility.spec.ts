import { AxeBuilder } from '@axe-core/playwright'
import type { APIRequestContext, Page } from '@playwright/test'
import { expect, test } from './person.ts'

/** The first is looked at for everything; between the others only colours differ. */
const looks = [
  ['light', 'no-preference'],
  ['dark', 'no-preference'],
  ['light', 'more'],
  ['dark', 'more'],
] as const

// Four looks of up to three states are twelve audits of a page.
test.describe.configure({ timeout: 180_000 })

/** Nothing axe finds keeps anyone out of this page, however it is coloured. */
async function keepsNobodyOut(page: Page): Promise<void> {
  for (const [index, [colorScheme, contrast]] of looks.entries()) {
    await page.emulateMedia({ colorScheme, contrast, reducedMotion: 'reduce' })
    // Colours of before would be held against the paper of now.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    const axe = new AxeBuilder({ page })
    const { violations } = await (index === 0
      ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      : axe.withRules(['color-contrast', 'link-in-text-block'])
    ).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
    expect(found, `${colorScheme}, contrast ${contrast}`).toEqual([])
  }
}

test('the editor, before and after a run, keeps nobody out @phone', async ({ workbench, page }) => {
  await workbench.open()
  await keepsNobodyOut(page)
  await workbench.run()
  await expect(workbench.verdict).toContainText('Exited with code 1')
  await keepsNobodyOut(page)
})

test('what opens over the editor keeps nobody out @phone', async ({ workbench, page }) => {
  await workbench.open()
  await page.getByRole('button', { name: 'Options' }).click()
  await keepsNobodyOut(page)
  await page.getByRole('button', { name: 'All commands' }).click()
  await expect(page.getByRole('combobox', { name: 'Commands' })).toBeVisible()
  await keepsNobodyOut(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'History' }).click()
  await expect(page.getByRole('heading', { name: 'Your runs' })).toBeVisible()
  await keepsNobodyOut(page)
})

async function ran(request: APIRequestContext): Promise<string> {
  const response = await request.post('/api/runs', {
    data: { language: 'python', code: 'print("seen")\nraise ValueError("x")\n' },
  })
  return (await response.json()).run_id
}

test('a shared run keeps nobody out @phone', async ({ request, workbench, page }) => {
  await page.goto(`/r/${await ran(request)}`)
  await expect(workbench.editor).toBeVisible()
  await keepsNobodyOut(page)
})

for (const [name, address] of [
  ['a comparison', (id: string) => `/compare/${id}/${id}`],
  ['a run in a frame', (id: string) => `/embed/${id}`],
  ['an address without a run', () => '/r/aaaaaaaaaaaaaaaaaaaaaaaa'],
  ['an address without a page', () => '/nowhere'],
] as const) {
  test(`${name} keeps nobody out @phone`, async ({ request, page }) => {
    await page.goto(address(await ran(request)))
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await keepsNobodyOut(page)
  })
}

test('a deleted run, and the list of runs, keep nobody out @phone', async ({ request, page }) => {
  const id = await ran(request)
  await ran(request)
  expect((await request.delete(`/api/runs/${id}`)).ok()).toBe(true)
  await page.goto(`/r/${id}`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await keepsNobodyOut(page)
  // The runs are of who asked for them.
  await page.context().addCookies((await request.storageState()).cookies)
  await page.goto('/runs')
  await expect(page.getByRole('list', { name: 'Runs' }).getByRole('listitem').first()).toBeVisible()
  await keepsNobodyOut(page)
})

test('the verdict is told to a screen reader', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('raise SystemExit(3)')
  await workbench.run()
  await expect(page.getByRole('status').filter({ hasText: 'Exited with code 3' })).toHaveCount(1)
})

test('everything is reached by keyboard: out of the code, through the output, and back', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("by key")')
  // Tab indents in the code; what the editor's own key switches, and says so, lets it leave.
  await page.keyboard.press('Control+m')
  await page.keyboard.press('Tab')
  await expect(workbench.editor.locator(':focus')).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(workbench.verdict).toContainText('Finished')
  const visited = new Set<string>()
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('Tab')
    visited.add(
      await page.evaluate(() => {
        const at = document.activeElement
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim().slice(0, 40) ?? ''
      }),
    )
  }
  for (const name of ['Run', 'Share', 'Options', 'All commands', 'Find and filter', 'Wrap long lines']) {
    expect(
      [...visited].some((one) => one.includes(name)),
      `${name} is among ${[...visited].join(' | ')}`,
    ).toBe(true)
  }
})

test('nothing moves for somebody who asked for that', async ({ workbench, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await workbench.open()
  const moving = await page.evaluate(
    () =>
      document
        .getAnimations()
        .filter((one) => Number(one.effect?.getComputedTiming().duration) > 1 && one.playState === 'running').length,
  )
  expect(moving).toBe(0)
})
