// `npm run demo`: walks through Bug Ghost as a person does (paste, run, watch, the error at its line, share, replay, compare) on a
// server that is already there (BUGGHOST_URL, or http://localhost:3000), and leaves pictures of it in docs/tour/ and a video in
// data/demo/, which is not kept in git. ffmpeg comes from Debian where this may install it (as root, or with --install).

import { mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { chromiumPath } from './setup/chromium.mjs'
import { environment } from './setup/env.mjs'
import { ensureFfmpeg } from './setup/ffmpeg.mjs'
import { createSay } from './setup/say.mjs'
import { scratchFolder } from './setup/scratch.mjs'
import { servedOrigin } from './setup/served.mjs'
import { root } from './setup.mjs'

const origin = await servedOrigin()
const stills = join(root, 'docs', 'tour')
const videos = join(root, 'data', 'demo')
const size = { width: 1440, height: 860 }

const buggy = `import time

def mean(values):
    return sum(values) / len(values)

measured = [[3, 4, 5], [10, 12], []]
for day, values in enumerate(measured, start=1):
    print(f"day {day}: {len(values)} values", flush=True)
    time.sleep(1)
    print(f"  mean {mean(values):.2f}", flush=True)
`
const fixed = buggy.replace('    return sum', '    if not values:\n        return 0\n    return sum')

mkdirSync(stills, { recursive: true })
mkdirSync(videos, { recursive: true })
const filming = await prepareFilming()
// Where Playwright looks for ffmpeg it decides when it is loaded.
const { chromium } = await import('@playwright/test')
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
})
try {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: 'dark',
    baseURL: origin,
    permissions: ['clipboard-read', 'clipboard-write'],
    ...(filming ? { recordVideo: { dir: videos, size } } : {}),
  })
  const page = await context.newPage()
  let count = 0
  /** A picture of what is there now; the mouse rests where nothing lights up. */
  const still = async (/** @type {string} */ name) => {
    await page.mouse.move(720, 640)
    // Colours of code and the end of what moves come a moment later.
    await page.waitForTimeout(600)
    await page.screenshot({ path: join(stills, `${++count}-${name}.png`) })
  }
  const write = async (/** @type {string} */ code) => {
    await page.locator('.monaco-editor').first().click()
    await page.evaluate((text) => navigator.clipboard.writeText(text), code)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.press('ControlOrMeta+V')
  }
  const run = () => page.getByRole('button', { name: 'Run', exact: true }).click()
  const share = async () => {
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByText('Link copied').first().waitFor()
    return page.evaluate(() => navigator.clipboard.readText())
  }

  /** The editor stands before the page has come to life. */
  const alive = () => page.locator('[data-testid=editor][data-ready=true]').first().waitFor()

  await page.goto('/')
  await alive()
  await write(buggy)
  await run()
  await page.locator('.console-row', { hasText: 'day 2' }).waitFor()
  await still('watch')
  await page.getByTestId('verdict').waitFor()
  await page
    .getByTestId('verdict')
    .getByRole('button', { name: /Go to main\.py/ })
    .click()
  await still('error-at-its-line')

  const first = await share()
  await page.goto(first)
  await page.locator('.monaco-editor').first().waitFor()
  await page.getByRole('button', { name: 'To the start' }).click()
  await page.getByRole('button', { name: 'Play' }).click()
  await page.locator('.console-row', { hasText: 'day 2' }).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await still('replay')

  await page.goto(`/?fork=${first.split('/').at(-1)}`)
  await alive()
  await write(fixed)
  await run()
  await page.getByTestId('verdict').getByText('Finished').waitFor()
  const second = await share()
  await page.goto(`/compare/${first.split('/').at(-1)}/${second.split('/').at(-1)}`)
  await page.locator('.monaco-diff-editor').first().waitFor()
  await still('compare')

  const video = page.video()
  await context.close()
  if (video) renameSync(await video.path(), join(videos, 'tour.webm'))
  process.stdout.write(
    `Pictures are in ${stills}${video ? `, the video is ${join(videos, 'tour.webm')}` : '; without ffmpeg there is no video'}.\n`,
  )
} finally {
  await browser.close()
}

/** Playwright films with an ffmpeg it looks for in its own place: there it finds the machine's. False where there is none. */
async function prepareFilming() {
  const ffmpeg = await ensureFfmpeg({ installAllowed: process.argv.includes('--install') }, createSay())
  if (!ffmpeg) return false
  const { browsers } = JSON.parse(readFileSync(join(root, 'node_modules/playwright-core/browsers.json'), 'utf8'))
  const revision = browsers.find((/** @type {{ name: string }} */ { name }) => name === 'ffmpeg')?.revision
  const { path } = await scratchFolder('demo')
  mkdirSync(join(path, `ffmpeg-${revision}`))
  symlinkSync(ffmpeg, join(path, `ffmpeg-${revision}`, 'ffmpeg-linux'))
  environment.PLAYWRIGHT_BROWSERS_PATH = path
  return true
}
