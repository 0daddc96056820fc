import { expect, test } from './person.ts'
import { playScene, started, withDraft, wrote } from './scene.ts'

const file = { path: 'main.py', content: 'print("kept")\n' }

test('a page that loses the server says what becomes of the run, keeps what it has, and goes on by itself', async ({
  workbench,
  page,
}) => {
  await withDraft(page, [file])
  const server = await playScene(page, { files: [file], events: [started(), wrote('kept\n')] })
  await workbench.open()
  await workbench.run()
  await expect(workbench.rows).toHaveText(['kept'])
  await server.drop()
  await expect(page.getByTestId('connection')).toContainText('The program goes on there')
  await expect(page.getByTestId('status')).toHaveText('Connection lost, reconnecting')
  await expect(workbench.rows).toHaveText(['kept'])
  await server.back()
  await page.getByRole('button', { name: 'Try now' }).click()
  await expect(page.getByTestId('connection')).toBeHidden()
  await expect(workbench.rows).toHaveText(['kept'])
})
