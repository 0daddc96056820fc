import { expect, test } from './person.ts'

const code = Array.from({ length: 60 }, (_, n) => `x${n} = ${n}`).join('\n')

test('an address leads to a line of the code, and pressing a line’s number makes such an address', async ({
  workbench,
  page,
}) => {
  await workbench.open()
  await workbench.write(`${code}\nraise ValueError("boom")\n`)
  await workbench.run()
  const address = await workbench.share()
  await page.goto(`${address}#L50`)
  await expect(workbench.editor).toBeVisible()
  await expect(page.locator('.monaco-editor .line-numbers.active-line-number')).toHaveText('50')
  await expect(page.locator('.view-line', { hasText: 'x49' })).toBeInViewport()

  await page.locator('.monaco-editor .line-numbers', { hasText: /^48$/ }).click()
  await expect(page).toHaveURL(`${address}#L48`)
  // The error is at its line here as well, and the stack leads there.
  await page
    .getByTestId('findings')
    .getByRole('button', { name: /main\.py:61/ })
    .click()
  await expect(page.locator('.monaco-editor .line-numbers.active-line-number')).toHaveText('61')
})

test('an address leads to a moment of the run, and a replay that stands there is what the link is to', async ({
  workbench,
  page,
}) => {
  await workbench.open()
  await workbench.write('import time\nprint("early", flush=True)\ntime.sleep(1.2)\nprint("late")\n')
  await workbench.run()
  await expect(workbench.verdict).toBeVisible()
  const address = await workbench.share()
  await page.goto(`${address}#t=0.6s`)
  await expect(workbench.rows).toHaveText(['early'])
  await page.getByRole('button', { name: 'Copy link to this moment' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${address}#t=0.6s`)
  await page.getByRole('button', { name: 'To the end' }).click()
  await expect(workbench.rows).toHaveText(['early', 'late'])
  await expect(page.getByRole('button', { name: 'Copy link', exact: true })).toBeVisible()
})
