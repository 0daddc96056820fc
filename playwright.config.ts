import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { chromiumPath } from './scripts/setup/chromium.mjs'
import { setting } from './scripts/setup/env.mjs'

const port = setting('E2E_PORT') ?? '3199'
const givenData = setting('E2E_DATA_DIR')
const dataDir = givenData ?? join(tmpdir(), `bugghost-e2e-${process.pid}`)
// Workers read this file as well, and their ends are not the server's.
if (!givenData && !setting('TEST_WORKER_INDEX')) process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }))
/** Of a server that is there already, such as the stack that `npm run test:compose` has brought up. */
const givenURL = setting('E2E_BASE_URL')
const baseURL = givenURL ?? `http://127.0.0.1:${port}`

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  fullyParallel: true,
  forbidOnly: setting('CI') !== undefined,
  workers: 2,
  // A test that passes only the second time has found something.
  retries: 0,
  timeout: 60_000,
  // Pictures of the designed states, in e2e/looks/. They hold for the Chromium and the fonts of Linux; `npm run looks` makes them anew.
  snapshotPathTemplate: '{testDir}/looks/{arg}-{projectName}{ext}',
  ignoreSnapshots: process.platform !== 'linux',
  expect: {
    timeout: 20_000,
    toHaveScreenshot: {
      animations: 'disabled',
      caret: 'hide',
      scale: 'css',
      maxDiffPixelRatio: 0.002,
      stylePath: 'e2e/looks.css',
    },
  },
  reporter: 'list',
  use: {
    baseURL,
    browserName: 'chromium',
    // What moves is drawn sixty times a second, and here by the processor; a test that is about motion asks for it.
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromiumPath(),
      args: [
        // Root has no user namespace for Chromium's own sandbox; the pages it opens are ours.
        '--no-sandbox',
        // A container's /dev/shm is smaller than a page of Monaco.
        '--disable-dev-shm-usage',
        '--disable-gpu',
        // Letters are drawn the same whatever the machine's own font settings are.
        '--font-render-hinting=none',
        '--disable-lcd-text',
        '--force-color-profile=srgb',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  // The sizes are written out: the devices Playwright knows by name come with a browser of its own.
  projects: [
    { name: 'desktop', testIgnore: '*.phone.spec.ts', use: { viewport: { width: 1280, height: 800 } } },
    {
      // The files that are about phones, the designed states, and what else is tagged to be tried on one as well.
      name: 'phone',
      grep: /@phone|\.phone\.spec\.ts|looks-of-/,
      use: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
    },
  ],
  webServer: givenURL
    ? undefined
    : {
        command: `"${process.execPath}" --enable-source-maps dist/server.mjs`,
        // Not /api/health, which answers 503 while an engine or an image is missing: tests that need neither can run then.
        url: `${baseURL}/`,
        reuseExistingServer: false,
        timeout: 60_000,
        stdout: 'pipe',
        stderr: 'pipe',
        gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
        env: {
          NODE_ENV: 'production',
          PORT: port,
          HOST: '127.0.0.1',
          BUGGHOST_URL: baseURL,
          DATABASE_URL: '',
          BUGGHOST_DATA_DIR: dataDir,
        },
      },
})
