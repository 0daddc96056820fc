/**
 * How soon the page is there, in a real browser with an empty cache, beside the same of a bare page that holds nothing but Monaco; how much
 * JavaScript is the page's own; and how long it takes from Run to the first output on screen.
 *
 *   npm run bench -- --page                 12 rounds, both pages in turn in every round
 *   npm run bench -- --page --rounds 30
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync, constants } from 'node:zlib'
import { type Browser, chromium, type Page } from '@playwright/test'
import { build } from 'esbuild'
import { chromiumPath } from '../scripts/setup/chromium.mjs'
import { startServer } from './server.ts'
import { ms, p50, spread, table } from './statistics.ts'

const { values: options } = parseArgs({ options: { page: { type: 'boolean' }, rounds: { type: 'string', default: '12' } } })
const rounds = Number(options.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1')
const root = resolve(import.meta.dirname, '..')

/** A page with an editor and nothing else, as compressed as ours is. */
async function openBarePage() {
  const folder = await mkdtemp(join(tmpdir(), 'bugghost-bench-bare-'))
  await writeFile(
    join(folder, 'bare.js'),
    `import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
import 'monaco-editor/languages/definitions/register.all'
self.MonacoEnvironment = { getWorker: () => new Worker('/worker.js') }
monaco.editor.create(document.getElementById('editor'), { value: 'print("hello")\\n', language: 'python', automaticLayout: true })
`,
  )
  await build({
    entryPoints: { bare: join(folder, 'bare.js'), worker: 'monaco-editor/editor/editor.worker.js' },
    absWorkingDir: root,
    nodePaths: [join(root, 'node_modules')],
    bundle: true,
    minify: true,
    outdir: folder,
    allowOverwrite: true,
    loader: { '.ttf': 'file' },
    logLevel: 'error',
  })
  const html =
    '<!doctype html><title>bare</title><link rel="stylesheet" href="/bare.css"><style>html,body,#editor{height:100%;margin:0}</style><div id="editor"></div><script src="/bare.js"></script>'
  const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' }
  const packed = new Map<string, Buffer>()
  const server = createServer(async ({ url = '/' }, response) => {
    try {
      if (!packed.has(url)) packed.set(url, small(url === '/' ? html : await readFile(join(folder, url.slice(1)))))
      response.setHeader('content-encoding', 'br').setHeader('content-type', types[extname(url)] ?? 'text/html')
      response.end(packed.get(url))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** As the build compresses our largest files; see scripts/setup/bundle-editor.mjs. */
const small = (content: string | Buffer): Buffer =>
  brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })

type Opened = { paint: number; usable: number; ownScripts: number }

/** Opens a page in a browser that has never seen it. Times are milliseconds since the navigation began. */
async function measureOpening(browser: Browser, url: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  try {
    await page.goto(url, { waitUntil: 'commit' })
    // Usable: text stands in it, and its hidden input is there to be typed into.
    const usable = await page.evaluate(
      () =>
        new Promise<number>((done) => {
          const look = () => {
            const isThere =
              document.querySelector('.monaco-editor .view-line span span') &&
              document.querySelector('.monaco-editor .inputarea, .monaco-editor .native-edit-context')
            if (isThere) done(performance.now())
            else requestAnimationFrame(look)
          }
          look()
        }),
    )
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
    return { usable, ...(await page.evaluate(paintAndScripts)) }
  } finally {
    await context.close()
  }
}

/** In the page: the first paint, and the compressed bytes of the page's own scripts, which are those that are not the editor's. */
function paintAndScripts() {
  const scripts = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(
    ({ name }) => /\.js(\?|$)/.test(name) && !name.includes('/_editor/'),
  )
  return {
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    ownScripts: scripts.reduce((sum, one) => sum + one.encodedBodySize, 0),
  }
}

/** From the press of Run to the first row of output on screen, in the page's own clock. */
async function measureRuns(page: Page, url: string): Promise<number[]> {
  await page.goto(url)
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText('print("hello")')
  const times: number[] = []
  for (let round = 0; round < rounds + 2; round++) {
    await page.evaluate(() => {
      const measured = window as unknown as { first?: Promise<number> }
      measured.first = new Promise((done) => {
        let pressed = 0
        addEventListener('click', ({ timeStamp }) => (pressed = timeStamp), { capture: true, once: true })
        // The rows of the run before go first.
        let cleared = document.querySelector('.console-row') === null
        const look = () => {
          const row = document.querySelector('.console-row')
          if (!row) cleared = true
          // The frame that begins with this callback paints it; a task that is asked for now comes after that.
          if (pressed && cleared && row) setTimeout(() => done(performance.now() - pressed))
          else requestAnimationFrame(look)
        }
        look()
      })
    })
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    times.push(await page.evaluate(() => (window as unknown as { first: Promise<number> }).first))
    await page.getByTestId('verdict').waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    // Until another sandbox waits: the measure is of a warm one.
    await page.waitForTimeout(700)
  }
  // The first ones find scripts that have not been compiled yet.
  return times.slice(2)
}

const bare = await openBarePage()
const server = await startServer(root, { BUGGHOST_WARM_SANDBOXES: '2' })
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
})
try {
  const ours: Opened[] = []
  const theirs: Opened[] = []
  for (let round = 0; round <= rounds; round++) {
    const [one, other] = [await measureOpening(browser, `${server.url}/`), await measureOpening(browser, bare.url)]
    // The first round warms the servers.
    if (round > 0) {
      ours.push(one)
      theirs.push(other)
    }
    process.stderr.write(`\ropening: ${round}/${rounds} `)
  }
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.addInitScript(() => localStorage.clear())
  const runs = await measureRuns(page, `${server.url}/`)
  await context.close()
  process.stderr.write('\n')
  const row = (name: string, of: (one: Opened) => number) => [
    name,
    spread(ours.map(of)),
    spread(theirs.map(of)),
    (p50(ours.map(of)) / p50(theirs.map(of))).toFixed(2),
  ]
  console.log(
    [
      `The page, ${rounds} rounds in turn, empty cache, Chromium ${browser.version()}. Milliseconds, p50 / p95.`,
      table(
        ['', 'Bug Ghost', 'bare Monaco', 'ratio'],
        [row('first paint', ({ paint }) => paint), row('editor usable', ({ usable }) => usable)],
      ),
      `The page's own scripts, beside the editor's: ${ms(p50(ours.map(({ ownScripts }) => ownScripts)) / 1000)} kB compressed.`,
      `Run pressed to first output on screen, a hello in Python with a sandbox waiting: ${spread(runs)} ms.`,
    ].join('\n\n'),
  )
} finally {
  await browser.close()
  await server.close()
  await bare.close()
}
