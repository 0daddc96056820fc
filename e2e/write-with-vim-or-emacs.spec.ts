import type { Page } from '@playwright/test'
import { expect, test } from './person.ts'

const line = (page: Page, number: number) => page.locator('.view-line').nth(number - 1)

async function chooseKeys(page: Page, keys: string): Promise<void> {
  await page.getByRole('button', { name: 'Editor settings' }).click()
  await page.getByRole('combobox', { name: 'Key bindings' }).selectOption(keys)
  await page.keyboard.press('Escape')
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

test('somebody who writes with vim can', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('word=1\nprint(name)\n')
  await chooseKeys(page, 'Vim')
  const status = page.getByRole('status', { name: 'Vim status' })
  await expect(status).toContainText('--NORMAL--')

  await workbench.editor.click()
  await press(page, 'g', 'g', 'c', 'i', 'w')
  await expect(status).toContainText('--INSERT--')
  await page.keyboard.type('name')
  await press(page, 'Escape')
  await expect(status).toContainText('--NORMAL--')
  await expect(line(page, 1)).toHaveText('name=1')

  await press(page, ':')
  await expect(page.getByRole('textbox', { name: 'Vim command' })).toBeFocused()
  await page.keyboard.type('w')
  await press(page, 'Enter')
  await expect(line(page, 1)).toHaveText('name = 1')
  await press(page, 'u')
  await expect(line(page, 1)).toHaveText('name=1')

  // Ctrl and its letters are vim's, the rest is the page's.
  await press(page, 'j', 'd', 'd', 'u', 'Control+r')
  await expect(line(page, 2)).toHaveText('')
  await press(page, 'u', 'Control+Enter')
  await expect(workbench.rows).toHaveText(['1'])

  await page.reload()
  await expect(status).toContainText('--NORMAL--')
  await chooseKeys(page, 'Standard')
  await expect(status).toBeHidden()
  await workbench.editor.click()
  await press(page, 'ControlOrMeta+Home')
  await page.keyboard.type('x')
  await expect(line(page, 1)).toHaveText('xname=1')
})

test('somebody who writes with emacs can', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print( 1 )\n')
  await chooseKeys(page, 'Emacs')
  const status = page.getByRole('status', { name: 'Emacs status' })
  await expect(status).toBeVisible()

  await workbench.editor.click()
  await press(page, 'ControlOrMeta+Home', 'Control+Space')
  await expect(status).toHaveText('Mark set')
  await press(page, 'Control+e', 'Control+w')
  await expect(line(page, 1)).toHaveText('')
  await press(page, 'Control+y', 'Enter', 'Control+y')
  await expect(line(page, 1)).toHaveText('print( 1 )')
  await expect(line(page, 2)).toHaveText('print( 1 )')

  await press(page, 'Control+x', 'Control+s')
  await expect(line(page, 2)).toHaveText('print(1)')
  await press(page, 'Control+Enter')
  await expect(workbench.rows).toHaveText(['1', '1'])

  await page.reload()
  await expect(status).toBeVisible()
})

test('who changes from one to the other has that one alone', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('abc\n')
  await chooseKeys(page, 'Vim')
  await expect(page.getByRole('status', { name: 'Vim status' })).toContainText('--NORMAL--')
  await chooseKeys(page, 'Emacs')
  await expect(page.getByRole('status', { name: 'Vim status' })).toBeHidden()
  await expect(page.getByRole('status', { name: 'Emacs status' })).toBeVisible()
  await workbench.editor.click()
  await press(page, 'ControlOrMeta+Home')
  await page.keyboard.type('x')
  await expect(line(page, 1)).toHaveText('xabc')
})

test('text size and long lines are as somebody likes them, also after a reload', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(`print("${'long '.repeat(100)}")\n`)
  await expect(page.locator('.view-line')).toHaveCount(2)
  await page.getByRole('button', { name: 'Editor settings' }).click()
  await page.getByRole('combobox', { name: 'Text size' }).selectOption('18')
  await page.getByRole('combobox', { name: 'Long lines' }).selectOption('Wrap')
  const looks = async () => {
    await expect(line(page, 1)).toHaveCSS('font-size', '18px')
    expect(await page.locator('.view-line').count()).toBeGreaterThan(2)
  }
  await looks()
  await page.reload()
  await expect(workbench.editor).toBeVisible()
  await looks()
})
