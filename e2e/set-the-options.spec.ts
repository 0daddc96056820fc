import { expect, test } from './person.ts'

test('environment, time and flags reach the program, show as chips, and can be taken back', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import os\nprint(os.environ.get("GREETING"))\nassert False\nprint("not checked")\n')
  await page.keyboard.press('ControlOrMeta+i')
  await page.getByRole('textbox', { name: 'Environment' }).fill('GREETING=hello\nnot a variable')
  await expect(page.getByText('Line 2 is not NAME=value')).toBeVisible()
  await page.getByRole('textbox', { name: 'Environment' }).fill('GREETING=hello')
  await page.getByRole('combobox', { name: 'Time' }).selectOption('2 s')
  await page.getByRole('checkbox', { name: /^-O\b/ }).first().check()
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'not checked' })).toBeVisible()
  await expect(workbench.rows.first()).toHaveText('hello')
  for (const chip of ['GREETING', 'At most 2 s', '-O']) {
    await page.getByRole('button', { name: `Take back: ${chip}` }).click()
    await expect(page.getByRole('button', { name: chip, exact: true })).toBeHidden()
  }
  await workbench.run()
  await expect(workbench.verdict).toContainText('code 1')
})

test('the time a person allows is the time the program has', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import time\nprint("waiting", flush=True)\ntime.sleep(30)\n')
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByRole('combobox', { name: 'Time' }).selectOption('1 s')
  await workbench.run()
  await expect(workbench.verdict).toContainText('after 1 s')
})

test('tests are a mode of their own, kept with the draft', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('def test_one():\n    assert 1 + 1 == 2\n\ndef test_two():\n    assert "a" == "b"\n')
  await page.getByRole('button', { name: 'Test mode' }).click()
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await expect(page.getByText('test_two').first()).toBeVisible()
  await expect(workbench.verdict).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Test', exact: true })).toBeVisible()
})
