import { expect, test } from './person.ts'

const program = String.raw`
import sys
w = sys.stdout.write
w('<script>window.__xss=1</script><img src=x onerror="window.__xss=1">\n')
w('\x1b]0;owned title\x07\x1b]52;c;b3duZWQ=\x07\x1b]8;;javascript:window.__xss=1\x07click\x1b]8;;\x07\n')
w('\x1b[2J\x1b[H\x1b[?1049h\x1b[6n\x1b[c\x1bPq#0\x1b\\')
w('\x1b[31mred\x1b[0m plain\n')
w('\u202egnp.exe\n')
w('end\n')
raise SystemExit('<b>bold?</b>')
`

test('output can do nothing in the page that shows it', async ({ workbench, page }) => {
  await workbench.open()
  const title = await page.title()
  await workbench.write(program)
  await workbench.run()
  await expect(workbench.verdict).toContainText('Exited with code 1')
  for (const where of ['editor', 'shared page']) {
    await expect(workbench.rows.filter({ hasText: '<script>window.__xss=1</script>' }), where).toBeVisible()
    await expect(workbench.rows.filter({ hasText: '<b>bold?</b>' }), where).toBeVisible()
    await expect(workbench.rows.filter({ hasText: 'red plain' }), where).toBeVisible()
    await expect(workbench.console.locator('a, img, script'), where).toHaveCount(0)
    expect(await page.evaluate(() => (window as { __xss?: number }).__xss), where).toBeUndefined()
    if (where === 'editor') {
      expect(await page.title()).toBe(title)
      await page.goto(await workbench.share())
    } else {
      expect(await page.title()).not.toContain('owned')
    }
  }
})

test('code and files with markup in them are shown as they are', async ({ page, request }) => {
  const answer = await request.post('/api/runs', {
    data: {
      language: 'python',
      files: [
        { path: 'main.py', content: '# </script><script>window.__xss=1</script><!--\nprint(1)' },
        { path: '"><img src=x onerror=window.__xss=1>.py', content: '' },
      ],
      args: ['<img src=x onerror=window.__xss=1>'],
    },
  })
  expect(answer.status()).toBe(201)
  const { run_id } = (await answer.json()) as { run_id: string }
  await page.goto(`/r/${run_id}`)
  await expect(page.getByRole('region', { name: 'Code of this run' })).toContainText('</script><script>window.__xss=1</script>')
  expect(await page.evaluate(() => (window as { __xss?: number }).__xss)).toBeUndefined()
  await expect(page.locator('main img')).toHaveCount(0)
})
