import { expect, test } from './person.ts'

const tests = `def test_adds():
    assert 1 + 1 == 2

def test_subtracts():
    assert 3 - 1 == 1

def test_multiplies():
    assert 2 * 3 == 6
`

test('one test is run alone, those that failed again, and all of them once more', async ({ workbench, page }) => {
  await workbench.open()
  await workbench.write(tests)
  await page.getByRole('button', { name: 'Test mode' }).click()
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  const results = page.getByTestId('tests')
  const findings = page.getByTestId('findings')
  await expect(findings).toContainText('1 failed, 2 passed')
  await results.getByRole('button', { name: 'Run only test_adds' }).click()
  await expect(findings).toContainText('1 passed')
  await expect(results.getByRole('img')).toHaveCount(1)
  await page.getByRole('button', { name: 'Run all' }).click()
  await expect(findings).toContainText('1 failed, 2 passed')
  // By keyboard: the button is reached and pressed like any other.
  await page.getByRole('button', { name: 'Rerun failed' }).focus()
  await page.keyboard.press('Enter')
  await expect(results.getByRole('img')).toHaveCount(1)
  await expect(results).toContainText('test_subtracts')
})
