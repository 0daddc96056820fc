import { expect, test } from './person.ts'

test('the history is empty at first, then lists my runs and leads to them', async ({ workbench, page }) => {
  await workbench.open()
  await page.getByRole('button', { name: 'History' }).click()
  await expect(page.getByText('No runs yet')).toBeVisible()
  await page.getByRole('button', { name: 'Close' }).click()
  await workbench.write('print("for the record")')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  await page.getByRole('button', { name: 'History' }).click()
  await page.getByRole('link', { name: /for the record/ }).click()
  await expect(page).toHaveURL(/\/r\//)
  await expect(page.getByRole('region', { name: 'Code of this run' })).toContainText('for the record')
})
