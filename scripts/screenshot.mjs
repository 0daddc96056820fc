// `npm run screenshot`: takes the picture in the README, of a real run on a server that is already there (BUGGHOST_URL, or http://localhost:3000).

import { join } from 'node:path'
import { chromium } from '@playwright/test'

import { chromiumPath } from './setup/chromium.mjs'
import { servedOrigin } from './setup/served.mjs'
import { root } from './setup.mjs'

const origin = await servedOrigin()
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 }, deviceScaleFactor: 2, colorScheme: 'dark' })
  await page.goto(origin)
  // The editor stands before the page has come to life.
  await page.locator('[data-testid=editor][data-ready=true]').first().waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByTestId('verdict').waitFor()
  await page.mouse.move(700, 600)
  // The colours of the code come a moment after its text.
  await page.waitForTimeout(500)
  await page.screenshot({ path: join(root, 'docs', 'screenshot.png') })
} finally {
  await browser.close()
}
