import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './person.ts'

const plot = `import matplotlib.pyplot as plt
plt.plot([1, 4, 9, 16])
plt.savefig("plot.png")
print("drawn")
`
const broken = `def ratio(a, b):
    return a / b

print(ratio(1, 0))
`
const hanging = `import time

def wait_for_it():
    time.sleep(3600)

wait_for_it()
`
const tests = `def test_adds():
    assert 1 + 1 == 2

def test_subtracts():
    assert 3 - 1 == 1
`

test('a plot the program saved is shown as a picture, here and on the run’s page', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(plot)
  await workbench.run()
  const picture = page.getByRole('img', { name: 'plot.png, drawn by the program' })
  await expect(picture).toBeVisible({ timeout: 60_000 })
  await page.goto(await workbench.share())
  await expect(picture).toBeVisible()
  // It is a picture, and not a broken one.
  expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBeGreaterThan(100)
})

test('a table the program saved is shown as one', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(
    'with open("prices.csv", "w") as file:\n    file.write("name,price\\nApple,1.5\\n\\"Pear, green\\",2\\n")\n',
  )
  await workbench.run()
  const table = page.getByRole('region', { name: 'Table prices.csv' })
  await expect(table.getByRole('columnheader')).toHaveText(['name', 'price'])
  await expect(table.getByRole('cell')).toHaveText(['Apple', '1.5', 'Pear, green', '2'])
})

test('an error is told as a place in the code, with the way there', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(broken)
  await workbench.run()
  const findings = page.getByTestId('findings')
  await expect(findings).toContainText('main.py:2')
  await expect(findings).toContainText('ZeroDivisionError: division by zero')
  await expect(findings).toContainText('main.py:4')
})

test('a program that hangs is told where it stood', async ({ request, page }) => {
  const response = await request.post('/api/runs', { data: { language: 'python', code: hanging, timeout_sec: 2 } })
  const run = await response.json()
  expect(run.message).toBe('Stopped after 2 s, stuck at main.py:4 in wait_for_it')
  await page.goto(new URL(run.url).pathname)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('stuck at main.py:4 in wait_for_it')
  await expect(page.getByTestId('findings')).toContainText('main.py:6')
})

test('tests are listed with their outcome, the failed first', async ({ request, page }) => {
  const response = await request.post('/api/runs', {
    data: { language: 'python', mode: 'test', files: [{ path: 'test_sums.py', content: tests }], timeout_sec: 60 },
  })
  const run = await response.json()
  expect(run.tests.tests).toMatchObject([
    { name: 'test_adds', outcome: 'passed' },
    { name: 'test_subtracts', outcome: 'failed' },
  ])
  await page.goto(new URL(run.url).pathname)
  // In the suite of their file, what failed before what passed, with the way to its line.
  const results = page.getByTestId('tests')
  await expect(results.getByRole('img')).toHaveCount(2)
  await expect(results.getByRole('img').first()).toHaveAccessibleName('failed')
  await expect(results).toContainText('test_subtracts')
  await expect(page.getByTestId('findings')).toContainText('1 failed, 1 passed')
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
  expect(violations).toEqual([])
})
