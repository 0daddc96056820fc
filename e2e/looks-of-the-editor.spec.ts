import { looksLike } from './look.ts'
import { expect, test } from './person.ts'
import { ending, playScene, started, used, withDraft, wrote } from './scene.ts'

// Every state of the editor page that was designed, compared with its picture. What happens in each is written in e2e/scene.ts.

test.use({ locale: 'en-GB', timezoneId: 'UTC' })

const cart = {
  path: 'main.py',
  content: `def total(prices, discount):
    result = sum(prices) / len(prices)
    return result - discount

for cart in ([12, 30], [7], []):
    print(len(cart), "items:", total(cart, 2))
`,
}
const said = '2 items: 19.0\n1 items: 5.0\n'
const traceback = `Traceback (most recent call last):
  File "/workspace/main.py", line 6, in <module>
    print(len(cart), "items:", total(cart, 2))
  File "/workspace/main.py", line 2, in total
    result = sum(prices) / len(prices)
ZeroDivisionError: division by zero
`
const failure = {
  file: 'main.py',
  line: 2,
  severity: 'error' as const,
  message: 'ZeroDivisionError: division by zero',
  frames: [
    { file: 'main.py', line: 2, function: 'total', library: false },
    { file: 'main.py', line: 6, function: '<module>', library: false },
  ],
}

test.beforeEach(({ page }) => withDraft(page, [cart]))

test('nothing has run yet', async ({ workbench, page }, { project }) => {
  await workbench.open()
  await looksLike(page, 'empty')
  if (project.name === 'phone') return
  await page.emulateMedia({ contrast: 'more' })
  await looksLike(page, 'empty-contrast')
})

test('the editor is still on its way', async ({ page }) => {
  // It comes last of all: never.
  await page.route('**/_editor/**', () => {})
  await page.goto('/', { waitUntil: 'commit' })
  await expect(page.getByRole('status').filter({ hasText: 'Loading the editor' })).toBeVisible()
  await page.evaluate(() => document.fonts.ready)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await expect(page).toHaveScreenshot('loading.png')
})

test('a program writes and goes on', async ({ workbench, page }) => {
  await playScene(page, { files: [cart], events: [started(), wrote(said), ...used([40, 9], [180, 10], [420, 24], [640, 60])] })
  await workbench.open()
  await workbench.run()
  await expect(workbench.rows).toHaveCount(2)
  await looksLike(page, 'streaming')
})

test('a run waits for a sandbox', async ({ workbench, page }) => {
  await playScene(page, { files: [cart] })
  const health = await (await page.request.get('/api/health')).json()
  await page.route('**/api/health', (route) =>
    route.fulfill({ json: { ...health, sandboxes: { waiting: 0, running: 4, queued: 3 } } }),
  )
  await workbench.open()
  await workbench.run()
  await expect(page.getByTestId('queued')).toContainText('3 runs are waiting, yours among them.')
  await looksLike(page, 'queued')
})

test('a person stopped it', async ({ workbench, page }) => {
  await playScene(page, { files: [cart], events: [started(), wrote(said), ending({ kind: 'cancelled', by: 'user' })] })
  await workbench.open()
  await workbench.run()
  await expect(workbench.verdict).toContainText('Stopped by hand')
  await looksLike(page, 'stopped')
})

test('it failed, and the error stands at its line', async ({ workbench, page }, { project }) => {
  const failed = ending({ kind: 'exited', exit_code: 1 }, { diagnostics: [failure], stderr_bytes: traceback.length })
  await playScene(page, { files: [cart], events: [started(), wrote(said), wrote(traceback, 'stderr'), failed] })
  await workbench.open()
  await workbench.run()
  await expect(workbench.verdict).toContainText('Exited with code 1')
  await looksLike(page, 'failed')
  if (project.name === 'phone') return
  await page.emulateMedia({ contrast: 'more' })
  await looksLike(page, 'failed-contrast')
})

test('it did not compile', async ({ workbench, page }) => {
  const message = "main.py:5: error: expected ')'"
  const diagnostics = [{ file: 'main.py', line: 5, column: 13, severity: 'error' as const, message: "expected ')'" }]
  await playScene(page, {
    files: [cart],
    events: [
      started('compile'),
      wrote(`${message}\n`, 'stderr', 'compile'),
      ending({ kind: 'compile-failed', exit_code: 1 }, { diagnostics }),
    ],
  })
  await workbench.open()
  await workbench.run()
  await expect(workbench.verdict).toContainText('Did not compile')
  await looksLike(page, 'compile-failed')
})

test('its time ran out, and the line it hung at', async ({ workbench, page }) => {
  const at = { file: 'main.py', line: 2, function: 'total', library: false }
  const stacks = [{ thread: 'MainThread', frames: failure.frames }]
  const limit = { name: 'wall_time_ms' as const, stage: 'run' as const, value: 10_000, used: 10_000 }
  await playScene(page, {
    files: [cart],
    events: [
      started(),
      wrote(said),
      ending({ kind: 'time-limit', clock: 'wall', stuck_at: at }, { stacks, limit, duration_ms: 10_003 }),
    ],
  })
  await workbench.open()
  await workbench.run()
  await expect(workbench.verdict).toContainText('stuck at main.py:2')
  await looksLike(page, 'time-limit')
})

test('the connection is lost while a program runs', async ({ workbench, page }) => {
  const { drop } = await playScene(page, { files: [cart], events: [started(), wrote(said)] })
  await workbench.open()
  await workbench.run()
  await expect(workbench.rows).toHaveCount(2)
  await drop()
  await expect(page.getByTestId('connection')).toContainText('The program goes on there')
  await looksLike(page, 'offline-running')
})

test('the connection is lost while nothing runs', async ({ workbench, page }) => {
  const { drop, connected } = await playScene(page, { files: [cart] })
  await workbench.open()
  await connected()
  await drop()
  await expect(page.getByTestId('connection')).toContainText('your draft is kept')
  await looksLike(page, 'offline-idle')
})

test('no sandbox can be had', async ({ workbench, page }) => {
  const message = 'The Docker engine at /var/run/docker.sock does not answer. Start it, and programs run again by themselves.'
  await playScene(page, { files: [cart] })
  await page.route('**/api/runs', (route) => route.fulfill({ status: 503, json: { error: { code: 'unavailable', message } } }))
  const health = await (await page.request.get('/api/health')).json()
  await page.route('**/api/health', (route) =>
    route.fulfill({ status: 503, json: { ...health, status: 'degraded', engine: { ok: false, message } } }),
  )
  await workbench.open()
  await workbench.run()
  await expect(page.getByTestId('banner')).toContainText(message)
  await looksLike(page, 'sandbox-down')
})

test('tests that failed and passed', async ({ workbench, page }) => {
  const of = (name: string, outcome: 'passed' | 'failed' | 'skipped', more: object = {}) => ({
    name,
    suite: ['test_cart.TestTotal'],
    outcome,
    duration_ms: 2,
    ...more,
  })
  const failed = { message: 'assert 19.0 == 21', expected: '21', actual: '19.0', file: 'main.py', line: 6 }
  const tests = [of('test_two_items', 'failed', failed), of('test_one_item', 'passed'), of('test_nothing', 'skipped')]
  const only = tests.map(({ name, suite }) => ({ name, suite }))
  await playScene(page, {
    files: [cart],
    only,
    events: [
      started(),
      wrote('3 tests ran\n'),
      ending({ kind: 'exited', exit_code: 1 }, { tests: { framework: 'pytest', tests, truncated: false } }),
    ],
  })
  await workbench.open()
  await workbench.run()
  await expect(page.getByTestId('tests')).toContainText('test_two_items')
  await looksLike(page, 'tests')
})

test('the palette, the shortcuts, the options, the files, an empty history', async ({ workbench, page }, { project }) => {
  await page.route('**/api/runs?*', (route) => route.fulfill({ json: { runs: [], next_cursor: null } }))
  await workbench.open()
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('combobox', { name: 'Commands' })).toBeVisible()
  await looksLike(page, 'palette', { of: page.getByRole('dialog') })
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Options' }).focus()
  await page.keyboard.press('?')
  await looksLike(page, 'shortcuts', { of: page.getByRole('dialog', { name: 'Shortcuts' }) })
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Options' }).click()
  if (project.name === 'phone') {
    await looksLike(page, 'options')
    await page.getByRole('button', { name: 'Files', exact: true }).click()
  } else await page.keyboard.press('ControlOrMeta+b')
  await expect(page.getByRole('tree', { name: 'Files' })).toBeVisible()
  await looksLike(page, 'options-and-files')
  await page.getByRole('button', { name: 'History' }).click()
  await expect(page.getByText('No runs yet')).toBeVisible()
  await looksLike(page, 'history-empty', { of: page.getByRole('dialog') })
})
