import { strToU8, zipSync } from 'fflate'
import { expect, test } from './person.ts'

test('a second file is made, named, used, and thrown away again', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import helper\nprint(helper.answer)\n')
  await page.getByRole('button', { name: 'All files' }).click()
  await page.getByRole('button', { name: 'New file' }).click()
  await page.getByRole('textbox', { name: /^New name of/ }).fill('lib/helper.py')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('tab', { name: 'lib/helper.py' })).toHaveAttribute('aria-selected', 'true')
  await workbench.write('answer = 42\n')
  const tree = page.getByRole('tree', { name: 'Files' })
  await tree.getByRole('treeitem', { name: /helper\.py/ }).focus()
  await page.keyboard.press('F2')
  await page.getByRole('textbox', { name: /^New name of/ }).fill('../helper.py')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/stays inside the workspace/).first()).toBeVisible()
  await page.keyboard.press('Escape')
  await tree.getByRole('treeitem', { name: /helper\.py/ }).dragTo(tree.getByRole('treeitem', { name: /main\.py/ }))
  await expect(page.getByRole('tab', { name: 'helper.py', exact: true })).toBeVisible()
  await workbench.run()
  await expect(workbench.rows.first()).toHaveText('42')
  await tree.getByRole('treeitem', { name: /helper\.py/ }).focus()
  await page.keyboard.press('Delete')
  await expect(page.getByRole('tab', { name: 'helper.py', exact: true })).toBeHidden()
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await expect(page.getByRole('tab', { name: 'helper.py', exact: true })).toBeVisible()
})

test('another file may be the one that starts', async ({ workbench, page }) => {
  await workbench.open()
  await page.keyboard.press('ControlOrMeta+b')
  await page.getByRole('button', { name: 'New file' }).click()
  await page.keyboard.press('Enter')
  await workbench.write('print("from the other file")\n')
  await page.getByRole('treeitem', { name: /untitled/ }).hover()
  await page.getByRole('button', { name: /What to do with untitled/ }).click()
  await page.getByRole('menuitem', { name: 'Start here' }).click()
  await workbench.run()
  await expect(workbench.rows.first()).toHaveText('from the other file')
})

test('a zip becomes the project, and the project a zip', async ({ workbench, page }) => {
  await workbench.open()
  await page.keyboard.press('ControlOrMeta+b')
  const buffer = Buffer.from(
    zipSync({ 'app/main.rb': strToU8('require_relative "lib/a"\nputs A\n'), 'app/lib/a.rb': strToU8('A = "ruby"\n') }),
  )
  await page.getByTestId('upload').setInputFiles({ name: 'app.zip', mimeType: 'application/zip', buffer })
  await expect(page.getByRole('combobox', { name: 'Language' })).toContainText('Ruby')
  await expect(page.getByRole('tab', { name: 'lib/a.rb' })).toBeVisible()
  await workbench.run()
  await expect(workbench.rows.first()).toHaveText('ruby')
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download all as a zip' }).click()
  expect((await downloading).suggestedFilename()).toBe('bugghost.zip')
})

test('what is no zip, or too much, is refused with the reason', async ({ workbench, page }) => {
  await workbench.open()
  await page.keyboard.press('ControlOrMeta+b')
  await page.getByTestId('upload').setInputFiles({ name: 'a.zip', mimeType: 'application/zip', buffer: Buffer.from('no zip') })
  await expect(page.getByText('This archive cannot be read').first()).toBeVisible()
  await page
    .getByTestId('upload')
    .setInputFiles({ name: 'big.txt', mimeType: 'text/plain', buffer: Buffer.alloc(2_000_000, 'x') })
  await expect(page.getByText('at most 1 MiB').first()).toBeVisible()
})

test('a pasted issue is taken apart into files, and a stack trace is told to be one', async ({ workbench, page }) => {
  await workbench.open()
  const fence = '```'
  await workbench.write(
    `It prints the wrong thing:\n\n\`main.rb\`:\n${fence}ruby\nrequire_relative "b"\nputs B\n${fence}\n\nand b.rb:\n${fence}ruby\nB = 2\n${fence}\n`,
  )
  await expect(page.getByText('This is a text with 2 files in it, in Ruby.')).toBeVisible()
  await page.getByRole('button', { name: 'Use as files' }).click()
  await expect(page.getByRole('tab', { name: 'b.rb' })).toBeVisible()
  await workbench.run()
  await expect(workbench.rows.first()).toHaveText('2')
  await workbench.write('Traceback (most recent call last):\n  File "x.py", line 3, in <module>\nValueError: no\n')
  await expect(page.getByText('This is a stack trace of Python, not a program. It failed at x.py:3.')).toBeVisible()
})
