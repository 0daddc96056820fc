import { expect, test, workbenchOf } from './person.ts'

test('a stranger forks a shared run into an editor of their own, and the original stays as it was', async ({
  workbench,
  browser,
  baseURL,
}) => {
  await workbench.open()
  await workbench.choose('JavaScript')
  await workbench.write('console.log("original")')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  const url = await workbench.share()

  const stranger = await browser.newContext({ baseURL })
  const page = await stranger.newPage()
  await page.goto(url)
  await page.getByRole('link', { name: 'Fork' }).click()
  const fork = workbenchOf(page)
  await expect(fork.editor).toContainText('original')
  await expect(page.getByRole('combobox', { name: 'Language' })).toContainText('JavaScript')
  await fork.write('console.log("changed")')
  await fork.run()
  await expect(fork.rows.filter({ hasText: 'changed' })).toBeVisible()
  await page.goto(url)
  await expect(page.getByRole('region', { name: 'Console' }).locator('.console-row')).toHaveText(['original'])
  await stranger.close()
})
