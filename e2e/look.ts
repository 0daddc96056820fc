import { expect, type Locator, type Page } from '@playwright/test'

type Look = {
  themes?: readonly ('light' | 'dark')[]
  /** A part of the page alone. */
  of?: Locator
  /** The page shows a run that really ran: numbers that each has anew are written over first. */
  real?: boolean
}

/**
 * Compares what is on the screen with the picture of that name in e2e/looks/, in the light and in the dark theme.
 */
export async function looksLike(
  page: Page,
  name: string,
  { themes = ['light', 'dark'], of, real = false }: Look = {},
): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  // Where nothing lights up under it.
  await page.mouse.move(0, 0)
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await settled(page)
    if (real) await page.evaluate(sameWords)
    await expect(of ?? page).toHaveScreenshot(`${name}-${colorScheme}.png`)
  }
}

/** Colours of code come when the editor has a moment; two frames with the same picture are Playwright's own concern. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('[data-testid=editor][data-ready=false]')).toHaveCount(0)
  // Code in one colour is code that was not read yet.
  await page.waitForFunction(() => {
    const words = [...document.querySelectorAll('.monaco-editor .view-line span[class*=mtk]')]
    return words.length === 0 || new Set(words.map((word) => /mtk\d+/.exec(word.className)?.[0])).size > 2
  })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

/** Durations, sizes, digests and moments of a run, each the same for all runs. Runs in the page. */
function sameWords(): void {
  const words: [RegExp, string][] = [
    [/\b\d+(?:\.\d+)? (?:ms|s)\b/g, '1.2 s'],
    [/\b\d+(?:\.\d+)? (?:KiB|MiB)\b/g, '12.3 MiB'],
    [/(bugghost\/[a-z]+:[\d.]+)-[0-9a-f]{12}/g, '$1-0123456789ab'],
  ]
  for (const time of document.querySelectorAll('main time, [role=dialog] time')) {
    if (time.firstChild) time.firstChild.nodeValue = '14 Mar 2026, 09:26'
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    // What people and programs wrote stays.
    if (node.parentElement?.closest('.monaco-editor, .console-row')) continue
    const before = node.nodeValue ?? ''
    const after = words
      .reduce((text, [pattern, word]) => text.replace(pattern, word), before)
      .replace(/sha256:[0-9a-f]+/g, (digest) => `sha256:${'0123456789abcdef'.repeat(4)}`.slice(0, digest.length))
    if (after !== before) node.nodeValue = after
  }
}
