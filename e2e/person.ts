import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'

/**
 * `test` for everything a person does. Whatever the test is about, the page must ask nobody but its own server, must not break its own
 * Content Security Policy, and must not throw.
 */
export const test = base.extend<{ workbench: Workbench; watched: undefined }>({
  watched: [
    async ({ context, baseURL }, use) => {
      const complaints = watch(context, baseURL ?? '')
      await use(undefined)
      expect(await complaints()).toEqual([])
    },
    { auto: true },
  ],
  workbench: async ({ page }, use) => {
    await use(workbenchOf(page))
  },
})
export { expect }

/** Collects what no page of ours may do. */
export function watch(context: BrowserContext, baseURL: string): () => Promise<string[]> {
  const complaints: string[] = []
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(baseURL) && !/^(data|blob|about|ws):/.test(url)) complaints.push(`asked ${url}`)
  })
  context.on('weberror', (error) => complaints.push(`threw ${error.error().message}`))
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to|hydrat/i.test(message.text())) complaints.push(message.text())
  })
  return async () => complaints
}

export type Workbench = ReturnType<typeof workbenchOf>

/** The editor page as a person handles it. */
export function workbenchOf(page: Page) {
  const console = page.getByRole('region', { name: 'Console' })
  const self = {
    console,
    /** What the program wrote, as shown: one entry per row. */
    rows: console.locator('.console-row'),
    verdict: page.getByTestId('verdict'),
    input: page.getByRole('textbox', { name: 'Input to the program' }),
    editor: page.locator('.monaco-editor').first(),
    async open(path = '/'): Promise<void> {
      await page.goto(path)
      await expect(self.editor).toBeVisible()
      // The editor stands before the page has come to life; from then on every key and button does what it says.
      await expect(page.getByTestId('editor').first()).toHaveAttribute('data-ready', 'true')
    },
    async choose(language: string): Promise<void> {
      await page.getByRole('combobox', { name: 'Language' }).click()
      await page.getByRole('option', { name: language, exact: true }).click()
      await expect(page.getByRole('combobox', { name: 'Language' })).toContainText(language)
    },
    /** Replaces what is in the editor, by paste: typed, the editor would add brackets and indentation of its own. */
    async write(code: string): Promise<void> {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await self.editor.click()
      await page.evaluate((text) => navigator.clipboard.writeText(text), code)
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.press('ControlOrMeta+V')
    },
    async run(): Promise<void> {
      await page.getByRole('button', { name: 'Run', exact: true }).click()
    },
    async stop(): Promise<void> {
      await page.getByRole('button', { name: 'Stop', exact: true }).click()
    },
    /** The address of the run that the Share button copies. */
    async share(): Promise<string> {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.getByRole('button', { name: 'Share' }).click()
      await expect(page.getByText('Link copied').first()).toBeVisible()
      return page.evaluate(() => navigator.clipboard.readText())
    },
  }
  return self
}
