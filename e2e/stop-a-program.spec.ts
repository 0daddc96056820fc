import { expect, test } from './person.ts'

test('Stop ends an endless loop and keeps what it wrote', async ({ workbench }) => {
  await workbench.open()
  await workbench.write('print("still here")\nwhile True: pass')
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'still here' })).toBeVisible()
  await workbench.stop()
  await expect(workbench.verdict).toContainText('Stopped by hand')
  await expect(workbench.rows.filter({ hasText: 'still here' })).toBeVisible()
})

test('an endless loop nobody stops ends by itself, and the page says after how long', async ({ workbench }) => {
  await workbench.open()
  await workbench.choose('JavaScript')
  await workbench.write('console.log("round and round")\nfor (;;) {}')
  await workbench.run()
  await expect(workbench.verdict).toContainText('Stopped after 10 s', { timeout: 20_000 })
})
