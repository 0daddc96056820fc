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
  test.setTimeout(120_000)
  await workbench.open()
  await workbench.choose('JavaScript')
  await workbench.write('console.log("round and round")\nfor (;;) {}')
  await workbench.run()
  // Ten seconds of processor time; where browsers and tests want the same cores, the minute on the wall may come first.
  await expect(workbench.verdict).toContainText(/Stopped after (10 s of processor time|60 s)/, { timeout: 75_000 })
})
