import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandsIn } from './readme-commands.mjs'

test('the commands of one section are read, block by block, without their comments', () => {
  const readme = '# A\n\n## One\n\n```\nfirst   # why\n\nsecond "#3"\n```\ntext\n```sh\nthird\n```\n\n## Two\n\n```\nother\n```\n'
  expect(commandsIn(readme, 'One')).toEqual([['first', 'second "#3"'], ['third']])
  expect(() => commandsIn(readme, 'Three')).toThrow('no section "Three"')
})

test('README.md starts, watches, starts again and removes the stack, in this order', () => {
  const blocks = commandsIn(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8'), 'With Docker only')
  expect(blocks.map((lines) => lines.map((line) => /docker compose (\w+)/.exec(line)?.[1] ?? 'sh'))).toEqual([
    ['sh', 'up'],
    ['logs'],
    ['down', 'up'],
    ['down'],
  ])
})
