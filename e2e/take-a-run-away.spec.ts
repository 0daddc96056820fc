import { expect, test } from './person.ts'

test('a run is had in every form at its own address, from the menu and with curl', async ({ workbench, page, request }) => {
  await workbench.open()
  await workbench.write('print("to go")\n')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Finished')
  const url = await workbench.share()
  await page.goto(url)
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Take away' }).click()
  await page.getByRole('menuitem', { name: 'Everything as a zip' }).click()
  expect((await downloading).suggestedFilename()).toMatch(/\.zip$/)
  expect(await (await request.get(`${url}.txt`)).text()).toBe('to go\n# Finished\n')
  expect(await (await request.get(`${url}.json`)).json()).toMatchObject({ stdout: 'to go\n' })
  expect(await (await request.get(`${url}.md`)).text()).toContain('```python\nprint("to go")\n```')
  const cast = (await (await request.get(`${url}.cast`)).text()).trim().split('\n')
  const [header, ...happened] = cast.map((line) => JSON.parse(line))
  expect(header).toMatchObject({ version: 3 })
  // Python writes a line and its end one after the other, and they may come one after the other.
  const written = happened.filter(([, code]) => code === 'o').map(([, , text]) => text)
  expect(written.join('')).toContain('to go\r\n')
})
