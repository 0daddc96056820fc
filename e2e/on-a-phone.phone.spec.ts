import { expect, test } from './person.ts'

test('run, watch, type and share with one thumb', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('name = input("Who? ")\nprint("Hello,", name)')
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'Who?' })).toBeVisible()
  await workbench.input.fill('Ada')
  await workbench.input.press('Enter')
  await expect(workbench.verdict).toContainText('Finished')
  await page.goto(await workbench.share())
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Finished')
  // Nothing sticks out at the side.
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
})
