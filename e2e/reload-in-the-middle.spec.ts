import { expect, test } from './person.ts'

const waits = 'for i in range(3):\n    print("before", i)\ninput()\nprint("after")'

test('a reload in the middle finds the run again, with nothing lost and nothing doubled', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(waits)
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'before 2' })).toBeVisible()
  await page.reload()
  await expect(workbench.rows.filter({ hasText: 'before 2' })).toBeVisible()
  await workbench.input.press('Enter')
  await expect(workbench.verdict).toContainText('Finished')
  const shown = await workbench.rows.allInnerTexts()
  expect(shown.filter((row) => row.startsWith('before'))).toEqual(['before 0', 'before 1', 'before 2'])
  expect(shown.filter((row) => row.startsWith('after'))).toEqual(['after'])
})

test('a lost connection comes back by itself and goes on where it was', async ({ workbench, page, context }) => {
  await workbench.open()
  await workbench.write('import time\nfor i in range(40):\n    print("tick", i)\n    time.sleep(0.1)')
  await workbench.run()
  await expect(workbench.rows.filter({ hasText: 'tick 3' }).first()).toBeVisible()
  await context.setOffline(true)
  await context.setOffline(false)
  await expect(workbench.verdict).toContainText('Finished', { timeout: 30_000 })
  const ticks = (
    await page.evaluate(async () => {
      const runs = (await (await fetch('/api/runs')).json()) as { runs: { run_id: string }[] }
      return (await (await fetch(`/api/runs/${runs.runs[0]?.run_id}`)).json()) as { stdout: string }
    })
  ).stdout.trimEnd()
  await expect(workbench.rows.last()).toHaveText('tick 39')
  expect(ticks.split('\n')).toEqual(Array.from({ length: 40 }, (_, i) => `tick ${i}`))
  expect((await workbench.rows.allInnerTexts()).filter((row) => row === 'tick 39')).toHaveLength(1)
})
