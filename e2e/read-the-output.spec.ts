import { expect, test } from './person.ts'

test('a place named in the output, in an error or a stack leads into the code', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('def f(x):\n    return 1 / x\n\nprint("before")\nf(0)\n')
  await workbench.run()
  await workbench.rows.getByRole('button', { name: /main\.py", line 2/ }).click()
  const current = page.locator('.monaco-editor .line-numbers.active-line-number')
  await expect(current).toHaveText('2')
  await page
    .getByTestId('findings')
    .getByRole('button', { name: /main\.py:5/ })
    .click()
  await expect(current).toHaveText('5')
  await page.getByTestId('verdict').getByRole('button', { name: 'Go to main.py:2' }).click()
  await expect(current).toHaveText('2')
})

test('while it runs the processor and memory are seen, under their limits', async ({ workbench }) => {
  await workbench.open()
  await workbench.write('kept = []\nwhile True:\n    kept.append(" " * 100_000)\n    if len(kept) > 800: kept.clear()\n')
  await workbench.run()
  await expect(workbench.console.getByText(/of 256 MiB/)).toBeVisible()
  await expect(workbench.console.getByText(/\d+ %/)).toBeVisible()
  await workbench.stop()
  await expect(workbench.verdict).toBeVisible()
})

test('a program whose time was too short can be given more at the press of a button', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import time\nfor n in range(3):\n    time.sleep(0.6)\nprint("done")\n')
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByRole('combobox', { name: 'Time' }).selectOption('1 s')
  await workbench.run()
  await workbench.verdict.getByRole('button', { name: 'Raise the limit to 60 s' }).click()
  await expect(workbench.rows.first()).toHaveText('done')
  await expect(page.getByRole('button', { name: 'At most 60 s', exact: true })).toBeVisible()
})

test('a program that wants a terminal gets one: its size, keys, colours', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(
    'import os, sys\nsize = os.get_terminal_size()\nprint("tty", sys.stdout.isatty(), size.columns > 20)\nname = input("name? ")\nprint(f"\\033[31mhello {name}\\033[0m")\n',
  )
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByRole('checkbox', { name: /^Terminal/ }).check()
  await workbench.run()
  const terminal = page.getByTestId('terminal')
  await expect(terminal).toContainText('name?')
  await expect(terminal).toContainText('tty True True')
  await page.keyboard.type('Ada')
  await page.keyboard.press('Enter')
  await expect(terminal).toContainText('hello Ada')
  await expect(workbench.verdict).toContainText('Finished')
})

test('the output is searched, filtered by stream, and repeated lines are shown once', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(
    'import sys\nfor n in range(2000):\n    print("line", n)\nsys.stdout.flush()\nfor _ in range(500): print("warning: again", file=sys.stderr)\n',
  )
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  const output = page.getByRole('log', { name: 'Output' })
  await output.click()
  await page.keyboard.press('ControlOrMeta+F')
  await page.keyboard.type('LINE 12')
  await expect(page.getByRole('status', { name: 'Matches' })).toHaveText('Not found')
  await page.getByRole('textbox', { name: 'Find in the output' }).fill('line 12')
  await expect(page.getByRole('status', { name: 'Matches' })).toHaveText('1 of 111')
  await expect(output.locator('[data-found="current"]')).toHaveText('line 12')
  await expect(output.locator('[data-found="current"]')).toBeInViewport()
  await page.keyboard.press('Shift+Enter')
  await expect(page.getByRole('status', { name: 'Matches' })).toHaveText('111 of 111')
  await expect(output.locator('.console-row', { has: page.locator('[data-found="current"]') })).toHaveText('line 1299')

  await page.getByRole('combobox', { name: 'Which output' }).selectOption('stderr')
  await expect(workbench.rows.first()).toHaveText('warning: again')
  await page.getByRole('button', { name: 'Show repeated lines once' }).click()
  await expect(workbench.rows).toHaveText(['warning: again500 times'])
  await page.getByRole('textbox', { name: 'Find in the output' }).press('Escape')
  await expect(output).toBeFocused()
  // Everything is there again.
  await expect(workbench.rows.nth(1)).toHaveText(/^(line \d+|warning: again)$/)
})
