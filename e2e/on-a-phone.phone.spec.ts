import { expect, test } from './person.ts'

/** Nothing sticks out at the side. */
const fits = (page: import('@playwright/test').Page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)

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
  expect(await fits(page)).toBe(true)
})

test('stop what does not end', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("still here")\nwhile True: pass')
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'still here' })).toBeVisible()
  await workbench.stop()
  await expect(workbench.verdict).toContainText('Stopped by hand')
  expect(await fits(page)).toBe(true)
})

test('go from an error to its line', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('def ratio(a, b):\n    return a / b\n\nratio(1, 0)\n')
  await workbench.run()
  await workbench.verdict.getByRole('button', { name: 'Go to main.py:2' }).click()
  await expect(workbench.editor).toBeVisible()
  await expect(page.getByRole('button', { name: 'Code', exact: true })).toHaveAttribute('aria-pressed', 'true')
})

test('add a file, give input, and use both', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import helper, sys\nprint(helper.answer, sys.stdin.read())\n')
  await page.getByRole('button', { name: 'Files', exact: true }).click()
  await page.getByRole('button', { name: 'New file' }).click()
  await page.getByRole('textbox', { name: /^New name of/ }).fill('helper.py')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Code', exact: true }).click()
  await workbench.write('answer = 42\n')
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByRole('textbox', { name: 'Standard input' }).fill('given')
  expect(await fits(page)).toBe(true)
  await workbench.run()
  await expect(workbench.rows.first()).toHaveText('42 given')
})

test('replay a shared run, run it again, and compare', async ({ request, page }) => {
  const run = await (
    await request.post('/api/runs', { data: { language: 'python', code: 'print("one")\nprint("two")\n' } })
  ).json()
  await page.goto(`/r/${run.run_id}`)
  const rows = page.getByRole('region', { name: 'Console' }).locator('.console-row')
  await expect(rows).toHaveText(['one', 'two'])
  await page.getByRole('button', { name: 'To the start' }).click()
  await expect(rows).toHaveCount(0)
  await page.getByRole('button', { name: 'To the end' }).click()
  await expect(rows).toHaveText(['one', 'two'])
  expect(await fits(page)).toBe(true)
  await page.getByRole('button', { name: 'Re-run' }).click()
  await expect(page.getByText('The same, to the letter.')).toBeVisible()
  expect(await fits(page)).toBe(true)
})

test('find what was run before', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("for the record")')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  await page.getByRole('button', { name: 'History' }).click()
  await page.getByRole('link', { name: 'Search and tidy up' }).click()
  await expect(page.getByRole('list', { name: 'Runs' }).getByRole('listitem')).toHaveCount(1)
  await page.getByRole('searchbox').fill('record')
  await expect(page.getByRole('link', { name: /for the record/ })).toBeVisible()
  expect(await fits(page)).toBe(true)
})

test('find a command in the palette, and run tests', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('def test_adds():\n    assert 1 + 1 == 2\n')
  await page.getByRole('button', { name: 'All commands' }).click()
  await page.getByRole('combobox', { name: 'Commands' }).fill('run tests')
  await page.getByRole('option', { name: /Run tests with pytest/ }).click()
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await expect(page.getByTestId('findings')).toContainText('1 passed')
  await expect(page.getByRole('button', { name: 'Run only test_adds' })).toBeVisible()
})
