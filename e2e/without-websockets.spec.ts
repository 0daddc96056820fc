import { expect, test } from './person.ts'

test('a browser without WebSockets watches, types and replays like any other', async ({ workbench, page }) => {
  await page.addInitScript(() => {
    // @ts-expect-error what some proxies and old browsers leave one with
    delete window.WebSocket
  })
  await workbench.open()
  await workbench.write('name = input("Who? ")\nprint("Hello,", name)')
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'Who?' })).toBeVisible()
  await workbench.input.fill('Linus')
  await workbench.input.press('Enter')
  await expect(workbench.rows.filter({ hasText: 'Hello, Linus' })).toBeVisible()
  await expect(workbench.verdict).toContainText('Finished')
  await page.goto(await workbench.share())
  await expect(page.getByRole('region', { name: 'Console' }).locator('.console-row').first()).toContainText('Who? Linus')
})
