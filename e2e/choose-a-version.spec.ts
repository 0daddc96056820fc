import { expect, test } from './person.ts'

test('a program runs in the version that was chosen, and its page says which', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import sys\nprint(*sys.version_info[:2], sep=".")\n')
  const versions = page.getByRole('combobox', { name: 'Version' })
  const [first = '', second = ''] = await versions
    .locator('option')
    .evaluateAll((all) => all.map((one) => one.getAttribute('value') ?? ''))
  expect([first, second]).toEqual([expect.stringMatching(/^3\.\d+$/), expect.stringMatching(/^3\.\d+$/)])

  await workbench.run()
  await expect(workbench.rows).toHaveText([first])
  await versions.selectOption(second)
  await workbench.run()
  await expect(workbench.rows).toHaveText([second])
  await page.goto(await workbench.share())
  await expect(page.getByText(`Python ${second}`).first()).toBeVisible()
})
