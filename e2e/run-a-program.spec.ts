import { expect, test } from './person.ts'

test('lines arrive one by one while the program runs', async ({ workbench, page }) => {
  await workbench.open()
  // The program writes its next line only after it was told that the last one has been seen.
  await workbench.write('for i in range(1, 4):\n    print("line", i)\n    input()\nprint("done")')
  await workbench.run()
  for (const line of ['line 1', 'line 2', 'line 3']) {
    await expect(workbench.rows.filter({ hasText: line })).toBeVisible()
    await expect(workbench.rows.filter({ hasText: 'done' })).toHaveCount(0)
    await workbench.input.press('Enter')
  }
  await expect(workbench.verdict).toContainText('Finished')
  await expect(workbench.rows.filter({ hasText: 'done' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled()
})

for (const language of ['Python', 'JavaScript', 'TypeScript', 'Java']) {
  test(`a first-time visitor runs the buggy ${language} example without writing anything`, async ({ workbench }) => {
    await workbench.open()
    await workbench.choose(language)
    await workbench.run()
    await expect(workbench.verdict).toContainText('Exited with code 1')
    await expect(workbench.rows).not.toHaveCount(0)
  })
}

test('Ctrl+Enter runs from inside the editor, and leaves the code as it is', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("by key")')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(workbench.rows.filter({ hasText: 'by key' })).toBeVisible()
  await expect(workbench.verdict).toContainText('Finished')
})

test('what goes to stderr is told apart, and the ending says code, time and memory', async ({ workbench }) => {
  await workbench.open()
  await workbench.write('import sys\nprint("good news")\nprint("bad news", file=sys.stderr)\nsys.exit(3)')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Exited with code 3')
  await expect(workbench.verdict).toContainText(/Time\s*[\d.]+ m?s/)
  await expect(workbench.verdict).toContainText(/Memory\s*[\d.]+ MiB/)
  await expect(workbench.console.locator('[data-stream=stderr]')).toHaveText(['bad news'])
})

test('a program that does not compile says where', async ({ workbench }) => {
  await workbench.open()
  await workbench.choose('Java')
  await workbench.write('public class Main { int x = "one"; }')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Did not compile')
  await expect(workbench.rows.filter({ hasText: 'Main.java:1: error' })).toBeVisible()
})

test('memory and output limits are named in words', async ({ workbench }) => {
  await workbench.open()
  await workbench.write('hold = []\nwhile True: hold.append(bytearray(8_000_000))')
  await workbench.run()
  await expect(workbench.verdict).toContainText('used more than 256 MiB of memory')
  await workbench.write('while True: print("again and again")')
  await workbench.run()
  await expect(workbench.verdict).toContainText('wrote more than 1 MiB of output')
})

test('a flood of output and a line of ten million characters leave the page usable', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import sys\nsys.stdout.write("x" * 10_000_000)')
  await workbench.run()
  await expect(workbench.verdict).toContainText('wrote more than 1 MiB of output')
  // Rows are made for what can be seen, not for what was written.
  expect(await workbench.rows.count()).toBeLessThan(400)
  await page.getByRole('combobox', { name: 'Language' }).click()
  await expect(page.getByRole('option', { name: 'Java', exact: false }).first()).toBeVisible()
})

test('the draft survives a reload, each language its own', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('print("my own draft")')
  await workbench.choose('JavaScript')
  await workbench.write('console.log("another draft")')
  await expect(workbench.editor).toContainText('another draft')
  await page.reload()
  await expect(workbench.editor).toContainText('another draft')
  await workbench.choose('Python')
  await expect(workbench.editor).toContainText('my own draft')
})

test('arguments and input given up front reach the program', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('import sys\nprint(sys.argv[1:], sys.stdin.read())')
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByRole('textbox', { name: 'Arguments' }).fill('one')
  await page.getByRole('textbox', { name: 'Standard input' }).fill('from the start')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  await expect(workbench.rows.first()).toContainText('from the start')
})

test('empty code is refused with what to do', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(' ')
  await workbench.run()
  await expect(page.getByRole('alert').filter({ hasText: /empty|no code|write/i })).toBeVisible()
})

test('who starts too many runs is told so, and when to try again', async ({ workbench, page }) => {
  await workbench.open()
  // What cannot be run is counted all the same.
  const data = { language: 'no-such-language', code: '' }
  await Promise.all(Array.from({ length: 60 }, () => page.request.post('/api/runs', { data })))
  await workbench.run()
  await expect(page.getByTestId('refusal')).toContainText('Too many runs')
  await expect(page.getByTestId('refusal')).toContainText(/60 runs from one visitor within a minute .* Try again in \d+ seconds/)
})
