import { expect, test } from './person.ts'

test('what is typed reaches the program and is shown', async ({ workbench }) => {
  await workbench.open()
  await workbench.write('name = input("Who? ")\nprint(f"Hello, {name}!")')
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'Who?' })).toBeVisible()
  await workbench.input.fill('Grace é😀')
  await workbench.input.press('Enter')
  await expect(workbench.rows.filter({ hasText: 'Hello, Grace é😀!' })).toBeVisible()
  await expect(workbench.rows.first()).toHaveText('Who? Grace é😀')
  await expect(workbench.verdict).toContainText('Finished')
})

test('the end of input lets a program finish that reads everything', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import sys\nlines = sys.stdin.readlines()\nprint(len(lines), "lines")')
  await workbench.run()
  await workbench.input.fill('one')
  await workbench.input.press('Enter')
  await workbench.input.fill('two')
  await workbench.input.press('Enter')
  await page.getByRole('button', { name: 'End input' }).click()
  await expect(workbench.rows.filter({ hasText: '2 lines' })).toBeVisible()
  await expect(workbench.verdict).toContainText('Finished')
})
