/**
 * What a person feels while a program floods the console: 1,000,000 lines, 20 MB, through the real server, channel and page, while somebody
 * types in the editor beside them. No sandbox lets so much through, so the executor is a scripted one.
 *
 *   npm run bench -- --console
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from '@playwright/test'
import type { FakeExecution } from '../sandbox/fake.ts'
import { chromiumPath } from '../scripts/setup/chromium.mjs'
import { startScriptedServer } from './scripted-server.ts'
import { ms, p50, p95, table } from './statistics.ts'

const { values: options } = parseArgs({
  options: { console: { type: 'boolean' }, lines: { type: 'string', default: '1000000' }, shot: { type: 'string' } },
})
const lines = Number(options.lines)
if (!Number.isInteger(lines) || lines < 1000) throw new Error('--lines takes a whole number from 1000')
const root = resolve(import.meta.dirname, '..')

/** What one read of a pipe gives the agent at most. */
const eventChars = 64 * 1024
const lineAt = (n: number): string => `line ${String(n).padStart(7, '0')} of all\n`

/** As fast as the page takes it: the server sends no more to a reader that has not taken what it was sent. */
function flood(execution: FakeExecution): void {
  execution.start()
  let text = ''
  for (let n = 1; n <= lines; n++) {
    text += lineAt(n)
    if (text.length + 20 > eventChars || n === lines) {
      execution.print(text)
      text = ''
    }
  }
  execution.finish({ stdout_bytes: lines * lineAt(0).length })
}

type Felt = { latencies: number[]; longestTask: number }

/** In the page: from every key press to the frame that follows it, and the longest that anything kept the page from answering. */
function watchKeys() {
  const felt: Felt = { latencies: [], longestTask: 0 }
  Object.assign(window, { felt })
  addEventListener(
    'keydown',
    ({ timeStamp }) => {
      requestAnimationFrame(() => {
        // The first message after the frame's own callbacks: by then it is painted.
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => felt.latencies.push(performance.now() - timeStamp)
        port2.postMessage(null)
      })
    },
    { capture: true },
  )
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) felt.longestTask = Math.max(felt.longestTask, duration)
  }).observe({ type: 'longtask' })
}

/** Types until `done`, and says what that felt like. */
async function typingUntil(page: Page, done: () => Promise<boolean>): Promise<Felt> {
  await page.evaluate(() => {
    const { felt } = window as unknown as { felt: Felt }
    felt.latencies.length = 0
    felt.longestTask = 0
  })
  const letters = 'the quick brown fox jumps over it '
  for (let n = 0; !(await done()); n++) {
    await page.keyboard.press(letters[n % letters.length] === ' ' ? 'Space' : (letters[n % letters.length] ?? 'a'))
    await page.waitForTimeout(40)
  }
  return page.evaluate(() => (window as unknown as { felt: Felt }).felt)
}

const server = await startScriptedServer(root, flood)
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-dev-shm-usage'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.addInitScript(watchKeys)
  // A machine that is busy otherwise may take its time; nothing of this is measured.
  await page.goto(`${server.url}/`, { timeout: 120_000 })
  await page.locator('[data-testid=editor][data-ready=true]').waitFor()
  const output = page.getByRole('log', { name: 'Output' })
  const shown = async () => Number(await output.getAttribute('data-lines'))
  const editor = page.locator('.monaco-editor').first()
  await editor.click()
  await page.keyboard.press('ControlOrMeta+End')
  let presses = 0
  const quiet = await typingUntil(page, async () => ++presses > 60)
  const began = performance.now()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await editor.click()
  const flooded = await typingUntil(page, async () => (await shown()) >= lines)
  const seconds = (performance.now() - began) / 1000
  await page.getByTestId('verdict').waitFor()
  presses = 0
  const after = await typingUntil(page, async () => ++presses > 60)

  await output.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2))
  const middle = await page.locator('.console-row').nth(15).textContent()
  await output.click()
  await page.keyboard.press('ControlOrMeta+f')
  const wanted = lineAt(lines - 1).trim()
  // One match among all lines: the search has to read every one of them, and somebody writes on meanwhile.
  await page.keyboard.insertText(wanted)
  await editor.click()
  const found = page.locator('.found').first()
  const searching = await typingUntil(page, () => found.isVisible())
  if (options.shot) await page.screenshot({ path: options.shot })
  const row = (name: string, { latencies, longestTask }: Felt) => [
    name,
    String(latencies.length),
    ms(p50(latencies)),
    ms(p95(latencies)),
    ms(Math.max(...latencies)),
    ms(longestTask),
  ]
  console.log(
    [
      `${lines.toLocaleString('en')} lines, ${((lines * lineAt(0).length) / 1e6).toFixed(0)} MB of output in ${seconds.toFixed(1)} s, Chromium ${browser.version()}. Milliseconds from a key to the frame that shows it.`,
      table(
        ['typing', 'keys', 'p50', 'p95', 'longest', 'longest task'],
        [row('before', quiet), row('while it arrives', flooded), row('after', after), row('in the search', searching)],
      ),
      `In the middle of the scroll bar: ${middle}`,
    ].join('\n\n'),
  )
} finally {
  await browser.close()
  await server.close()
}
process.exit()
