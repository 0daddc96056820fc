import { expect, test, workbenchOf } from './person.ts'

test('two tabs have drafts of their own, and a new one begins with a copy', async ({ workbench, page, context }) => {
  await workbench.open()
  await workbench.write('print("first tab")')
  await expect(workbench.editor).toContainText('first tab')
  // Written down by then: what a second tab reads.
  await expect.poll(() => page.evaluate(() => JSON.stringify(localStorage).includes('first tab'))).toBe(true)
  const second = await context.newPage()
  const other = workbenchOf(second)
  await other.open()
  await expect(other.editor).toContainText('first tab')
  await other.write('print("second tab")')
  await expect(other.editor).toContainText('second tab')
  await second.reload()
  await page.reload()
  await expect(other.editor).toContainText('second tab')
  await expect(workbench.editor).toContainText('first tab')
})

test('what was written can be taken back after a reload', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("one")')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  await workbench.write('print("two")')
  await workbench.run()
  await expect(workbench.rows.first()).toHaveText('two')
  await page.reload()
  await expect(workbench.editor).toContainText('two')
  await workbench.editor.click()
  await page.keyboard.press('ControlOrMeta+z')
  await expect(workbench.editor).toContainText('one')
})

test('earlier versions are there, with what differs, and come back', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("precious")')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  await workbench.write('print("worthless")')
  await page.keyboard.press('ControlOrMeta+Shift+h')
  const dialog = page.getByRole('dialog', { name: 'Earlier versions' })
  await expect(dialog.locator('.monaco-diff-editor')).toContainText('precious')
  await dialog.getByRole('button', { name: 'Restore' }).click()
  await expect(workbench.editor).toContainText('precious')
})

test('a page that crashes in the middle of typing has lost no more than the last moment of it', async ({
  workbench,
  page,
  context,
}) => {
  await workbench.open()
  await workbench.write('')
  const typed = '# word after word without ever stopping to think about it'
  await page.keyboard.type(typed, { delay: 40 })
  const devtools = await context.newCDPSession(page)
  // Nothing of the page runs any more, not even what it does when it is left.
  devtools.send('Page.crash').catch(() => {})
  await page.waitForEvent('crash')
  const next = await context.newPage()
  const after = workbenchOf(next)
  await after.open()
  await expect(after.editor).toContainText(typed.slice(0, 20))
})
