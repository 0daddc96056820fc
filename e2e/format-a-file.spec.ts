import type { Page } from '@playwright/test'
import { expect, test, type Workbench } from './person.ts'

const line = (page: Page, number: number) => page.locator('.view-line').nth(number - 1)

/** A paste takes its moment; what comes before it would be formatted otherwise. */
async function write(workbench: Workbench, page: Page, code: string): Promise<void> {
  await workbench.write(code)
  await expect(line(page, 1)).toHaveText(code.split('\n')[0] ?? '')
}

test('a file is formatted with Ctrl+S and can be put back, by Prettier in the browser', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.choose('JavaScript')
  await write(workbench, page, 'const a={b:1}\nconsole.log( a )\n')
  await page.keyboard.press('ControlOrMeta+S')
  await expect(line(page, 1)).toHaveText('const a = { b: 1 };')
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(line(page, 1)).toHaveText('const a={b:1}')
})

test('and where that reads it not, by the formatter of its language', async ({ workbench, page }) => {
  await workbench.open()
  await write(workbench, page, "names=[ 'Ada' ]\nprint( names )\n")
  await page.getByRole('button', { name: 'Format with Black' }).click()
  await expect(line(page, 1)).toHaveText('names = ["Ada"]')
  await expect(line(page, 2)).toHaveText('print(names)')
  await workbench.editor.click()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(line(page, 1)).toHaveText("names=[ 'Ada' ]")
  await expect(line(page, 2)).toHaveText('print( names )')
})

test('the cursor stays where somebody writes', async ({ workbench, page }) => {
  await workbench.open()
  await write(workbench, page, 'a=1\nb = 2\nc=3\n')
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  await page.keyboard.press('ControlOrMeta+S')
  await expect(line(page, 3)).toHaveText('c = 3')
  await page.keyboard.type('0')
  await expect(line(page, 2)).toHaveText('b = 20')
})

test('what is typed while a file is being formatted stays, and one sees that something goes on', async ({ workbench, page }) => {
  await workbench.open()
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  await page.route('**/api/format', async (route) => {
    await held
    await route.continue()
  })
  await write(workbench, page, 'a=1\n')
  await page.keyboard.press('ControlOrMeta+S')
  await expect(page.getByRole('button', { name: 'Black is formatting' })).toBeVisible()
  await page.keyboard.type('b=2')
  letGo()
  await expect(page.getByRole('button', { name: 'Format with Black' })).toBeVisible()
  await expect(line(page, 1)).toHaveText('a=1')
  await expect(line(page, 2)).toHaveText('b=2')
})

test('what cannot be read is said, with a way there', async ({ workbench, page }) => {
  await workbench.open()
  await write(workbench, page, 'a = 1\nb = 2\nc = (\n')
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.press('ControlOrMeta+S')
  await expect(page.getByText(/^main\.py:\d+: /).first()).toBeVisible()
  await page.getByRole('button', { name: /^Go to line/ }).click()
  await page.keyboard.press('Home')
  await page.keyboard.type('# ')
  await expect(line(page, 1)).toHaveText('a = 1')
  await expect(workbench.editor).toContainText('# ')
})

test('where nothing formats a file, that is said, also to who saves out of habit', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.choose('Ruby')
  await expect(page.getByRole('button', { name: 'Format: There is no formatter for main.rb.' })).toBeDisabled()
  await workbench.editor.click()
  await page.keyboard.press('ControlOrMeta+S')
  await expect(page.getByText('main.rb is kept as you type. There is no formatter for main.rb.').first()).toBeVisible()
  await page.getByRole('button', { name: 'All commands' }).click()
  await page.keyboard.type('format')
  await expect(page.getByRole('option', { name: /Format the file/ })).toBeDisabled()
})
