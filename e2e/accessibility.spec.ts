import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './person.ts'

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the editor and a shared run have nothing that keeps anyone out (${colorScheme})`, async ({ workbench, page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const violations = async () => {
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
    }
    await workbench.open()
    expect(await violations()).toEqual([])
    await workbench.run()
    await expect(workbench.verdict).toContainText('Exited with code 1')
    expect(await violations()).toEqual([])
    await page.goto(await workbench.share())
    await expect(workbench.editor).toBeVisible()
    expect(await violations()).toEqual([])
  })
}
