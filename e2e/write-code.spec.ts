import { expect, test } from './person.ts'

test('an error of the run is shown at its line, and goes when the line is edited', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("one")\n\n\nraise ValueError("not this way")\n')
  await workbench.run()
  const mark = page.locator('.mark-text-error')
  await expect(mark).toContainText('ValueError: not this way')
  await expect(page.locator('.marked-error').first()).toBeVisible()
  await page.keyboard.press('F8')
  await page.keyboard.press('End')
  await page.keyboard.type(' # changed')
  await expect(mark).toBeHidden()
})

test('a hang is shown at the line where it stood', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('def wait():\n    while True:\n        pass\n\nwait()\n')
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByRole('combobox', { name: 'Time' }).selectOption('1 s')
  await workbench.run()
  await expect(page.locator('.mark-text-stuck')).toContainText('here when its time ran out')
})

test('TypeScript knows Node, completes its names, and says what cannot be before it runs', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.choose('TypeScript')
  await workbench.write("import { readFileSync } from 'node:fs'\nconst n: number = readFileSync('x', 'utf8')\n")
  await expect(page.locator('.squiggly-error').first()).toBeVisible()
  await page.keyboard.type('process.stdo')
  await expect(page.getByRole('option', { name: /stdout/ }).first()).toBeVisible()
})

test('snippets begin what is written often', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('')
  await page.keyboard.press('Delete')
  await page.keyboard.type('mai')
  await expect(page.getByRole('option', { name: /^main/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(workbench.editor).toContainText('__main__')
})
