import { expect, test } from './person.ts'

test('every action is in the palette, found by typing', async ({ workbench, page }) => {
  await workbench.open()
  await page.keyboard.press('ControlOrMeta+k')
  await page.getByRole('combobox', { name: 'Commands' }).fill('go')
  await page.getByRole('option', { name: 'Go', exact: true }).click()
  await expect(page.getByRole('combobox', { name: 'Language' })).toContainText('Go')
  await page.keyboard.press('ControlOrMeta+k')
  await page.getByRole('combobox', { name: 'Commands' }).fill('run the prog')
  await page.keyboard.press('Enter')
  await expect(workbench.verdict).toBeVisible()
})

test('shortcuts work inside the editor, and are all shown on ?', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write('while True: pass\n')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByTestId('stop')).toBeEnabled()
  await page.keyboard.press('ControlOrMeta+.')
  await expect(workbench.verdict).toContainText('topped')
  await page.keyboard.press('F6')
  await expect(page.getByRole('log')).toBeFocused()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Shortcuts' })
  await expect(sheet.getByText('Run the program')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
})

test('who comes with the keyboard can skip the header, on every page', async ({ page, request }) => {
  const { run_id } = await (await request.post('/api/runs', { data: { language: 'python', code: 'print(1)' } })).json()
  for (const path of ['/', '/runs', `/r/${run_id}`, `/compare/${run_id}/${run_id}`, '/nowhere']) {
    await page.goto(path)
    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'Skip to the content' })
    await expect(skip).toBeFocused()
    await expect(skip).toBeInViewport()
    await page.keyboard.press('Enter')
    await expect(page.locator('#content')).toBeFocused()
  }
})

test('a question mark typed into the code is a question mark', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.editor.click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('# why?')
  await expect(workbench.editor).toContainText('why?')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('panels can be put below one another and dragged by keyboard, and stay so', async ({ workbench, page }) => {
  await workbench.open()
  await page.getByRole('button', { name: 'Output below the code' }).click()
  const height = async () => (await workbench.console.boundingBox())?.height ?? 0
  const before = await height()
  await page.getByRole('separator').focus()
  for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowUp')
  await expect.poll(height).toBeGreaterThan(before)
  const after = await height()
  await page.reload()
  await expect(workbench.editor).toBeVisible()
  await expect.poll(async () => Math.abs((await height()) - after)).toBeLessThan(3)
  await expect(page.getByRole('button', { name: 'Output beside the code' })).toBeVisible()
})
