import type { APIRequestContext } from '@playwright/test'
import { looksLike } from './look.ts'
import { expect, test } from './person.ts'
import { summaryOf } from './scene.ts'

// Pages of runs that really ran, compared with their pictures; what differs from run to run is written over by looksLike.

test.use({ locale: 'en-GB', timezoneId: 'UTC' })

const code = `def mean(values):
    return sum(values) / len(values)

for values in ([3, 4, 5], [10, 12], []):
    print("mean", mean(values))
`
const mended = code.replace('    return', '    if not values:\n        return 0\n    return')

async function ran(request: APIRequestContext, code: string): Promise<string> {
  const response = await request.post('/api/runs', { data: { language: 'python', code } })
  expect(response.status()).toBe(201)
  return (await response.json()).run_id
}

test('a run as it ended, to be read, and in the middle of its replay', async ({ request, workbench, page }) => {
  await page.goto(`/r/${await ran(request, code)}`)
  await expect(workbench.editor).toBeVisible()
  await looksLike(page, 'run', { real: true })
  await page.getByRole('button', { name: 'To the start' }).click()
  await expect(workbench.rows).toHaveCount(0)
  await looksLike(page, 'replay', { of: workbench.console, real: true })
})

test('two runs side by side', async ({ request, page }) => {
  const [one, other] = [await ran(request, code), await ran(request, mended)]
  await page.goto(`/compare/${one}/${other}`)
  await expect(page.locator('.monaco-diff-editor').first()).toContainText('return 0')
  await looksLike(page, 'compare', { real: true })
})

test('a run in a frame of another page', async ({ request, page }) => {
  await page.goto(`/embed/${await ran(request, code)}`)
  await expect(page.getByRole('log')).toBeVisible()
  await looksLike(page, 'embed', { real: true })
})

test('a run that was deleted, an address without a run, and one without a page', async ({ page, request }) => {
  const id = await ran(request, 'print("gone")')
  expect((await request.delete(`/api/runs/${id}`)).ok()).toBe(true)
  await page.goto(`/r/${id}`)
  await looksLike(page, 'deleted')
  await page.goto('/r/aaaaaaaaaaaaaaaaaaaaaaaa')
  await looksLike(page, 'no-such-run', { themes: ['dark'] })
  await page.goto('/nowhere')
  await looksLike(page, 'not-found', { themes: ['light'] })
})

test('the list of runs: some, none, none that fits', async ({ page }) => {
  const runs = [
    summaryOf('def mean(values):', { kind: 'exited', exit_code: 1 }, { name: 'The mean of nothing', pinned: true }),
    summaryOf('print("hello")', { kind: 'exited', exit_code: 0 }),
    summaryOf('while True: pass', { kind: 'time-limit', clock: 'wall' }),
    summaryOf('input()', { kind: 'cancelled', by: 'user' }),
  ].map((run, n) => ({ ...run, run_id: `${run.run_id.slice(0, -1)}${n + 2}` }))
  let answer: object[] = runs
  await page.route('**/api/runs?*', (route) => {
    const searched = new URL(route.request().url()).searchParams.get('q')
    return route.fulfill({ json: { runs: searched ? [] : answer, next_cursor: null } })
  })
  await page.goto('/runs')
  await expect(page.getByRole('list', { name: 'Runs' }).getByRole('listitem')).toHaveCount(4)
  await looksLike(page, 'runs')
  await page.getByRole('searchbox').fill('nothing like it')
  await expect(page.getByText('Nothing fits')).toBeVisible()
  await looksLike(page, 'runs-nothing-fits', { themes: ['light'] })
  answer = []
  await page.reload()
  await expect(page.getByText('No runs yet')).toBeVisible()
  await looksLike(page, 'runs-empty', { themes: ['dark'] })
})
