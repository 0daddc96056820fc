import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './person.ts'

for (const [colorScheme, contrast] of [
  ['light', 'no-preference'],
  ['dark', 'no-preference'],
  ['light', 'more'],
  ['dark', 'more'],
] as const) {
  test(`the editor, a shared run, the list of runs and a comparison have nothing that keeps anyone out (${colorScheme}, contrast ${contrast})`, async ({
    workbench,
    page,
  }) => {
    await page.emulateMedia({ colorScheme, contrast, reducedMotion: 'reduce' })
    const violations = async () => {
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
    }
    await workbench.open()
    expect(await violations()).toEqual([])
    await workbench.run()
    await expect(workbench.verdict).toContainText('Exited with code 1')
    expect(await violations()).toEqual([])
    const address = await workbench.share()
    await page.goto(address)
    await expect(workbench.editor).toBeVisible()
    expect(await violations()).toEqual([])
    await page.goto('/runs')
    await expect(page.getByRole('list', { name: 'Runs' }).getByRole('listitem').first()).toBeVisible()
    expect(await violations()).toEqual([])
    const id = address.split('/').at(-1)
    await page.goto(`/compare/${id}/${id}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(await violations()).toEqual([])
  })
}
