import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TestSelection } from '../../protocol/language.ts'
import { readLanguages } from '../languages.ts'
import { onlyThese, selectsMany, wordsToSelect } from './test-selection.ts'

const languages = await readLanguages(join(import.meta.dirname, '..'))

/** The words a language's own manifest makes of these tests, each a suite and a name. */
function wordsOf(id: string, tests: [string[], string][], paths: string[] = []) {
  const { manifest } = languages.find((one) => one.id === id) ?? {}
  if (!manifest?.test?.select) throw new Error(`${id} cannot choose tests`)
  const { extensions } = manifest
  return wordsToSelect(
    manifest.test.select,
    tests.map(([suite, name]) => ({ suite, name })),
    { paths, extensions },
  )
}

describe('the tests that are wanted, in the words of each framework', () => {
  test.each<[string, [string[], string][], string[]]>([
    ['python', [[['test_cart'], 'test_n[1]']], ['test_cart.py::test_n[1]']],
    ['python', [[['shop.test_cart.TestCart'], 'test_total']], ['shop/test_cart.py::TestCart::test_total']],
    ['javascript', [[['tests.js', 'a sum'], 'adds (1+1)']], ['--test-name-pattern=^a sum adds \\(1\\+1\\)$']],
    ['typescript', [[['tests.ts'], 'a'], [['tests.ts'], 'b']], ['--test-name-pattern=^a$', '--test-name-pattern=^b$']],
    ['java', [[['shop.CartTest'], 'total(int)[2]']], ['--select-method=shop.CartTest#total(int)[2]']],
    ['ruby', [[['Shop::CartTest'], 'test_a?'], [['CartTest'], 'test_b/c']], ['--name=/^(Shop::CartTest#test_a\\?|CartTest#test_b\\/c)$/']],
    ['php', [[['App.Tests.CartTest'], 'testN with data set #0']], ['--filter', '/(^|\\\\)(CartTest::testN with data set #0)$/']],
    ['rust', [[['tests', 'cart'], 'adds'], [[], 'top']], ['--exact', 'tests::cart::adds', 'top']],
    ['cpp', [[['main.cpp'], 'one, two'], [['main.cpp'], 'three']], ['--test-case=one\\, two,three']],
    ['cpp', [[['main.cpp'], 'doubles/of zero']], ['--test-case=doubles/of zero,doubles']],
    ['bash', [[['main.bats'], 'adds 1+1'], [['main.bats'], 'b']], ['--filter', '^(adds 1\\+1|b)$']],
    ['lua', [[['main_spec.lua'], 'a cart adds 1-1 (100 %)']], ['--filter=^a cart adds 1%-1 %(100 %%%)$']],
    ['go', [[['app', 'TestTable'], 'empty_list'], [['app'], 'TestA']], ['-test.run=^TestTable$/^empty_list$|^TestA$']],
  ])('%s: %j', (id, tests, words) => {
    expect(wordsOf(id, tests, ['test_cart.py', 'shop/test_cart.py', 'shop/__init__.py'])).toEqual(words)
  }) // biome-ignore format: a table

  test('a pattern of an expression finds its own name and no other', () => {
    const name = 'a\\b [c] {2} (d|e) ^f$ g.h*i+j?'
    const [word] = wordsOf('javascript', [[['tests.js'], name]])
    const pattern = new RegExp(word!.replace('--test-name-pattern=', ''))
    expect([name, `${name}!`, name.replace('.', 'x')].map((one) => pattern.test(one))).toEqual([true, false, false])
  })

  test('a file that could not be loaded is wanted as a file, or as all there is', () => {
    expect(wordsOf('python', [[['pytest'], 'shop.test_cart']], ['shop/test_cart.py'])).toEqual(['shop/test_cart.py'])
    expect(
      wordsOf('javascript', [
        [[], 'tests.js'],
        [['tests.js'], 'a'],
      ]),
    ).toEqual([])
    expect(wordsOf('go', [[[], 'app']])).toEqual([])
  })

  test('what stands in a name for something in a replacement stays as it is', () => {
    expect(wordsOf('rust', [[[], '$&']])).toEqual(['--exact', '$&'])
  })
})

test.each([
  ['joined in one word', { argv: ['-n={tests}'], or: '|' }, true],
  ['each a word of its own', { argv: ['{test}'] }, true],
  ['that cannot be joined', { argv: ['-n={tests}'] }, false],
])('several tests %s', (_, select, many) => expect(selectsMany(TestSelection.parse(select))).toBe(many))

describe('a report of some of the tests', () => {
  const results = [
    { suite: ['a'], name: 'wanted', outcome: 'passed' },
    { suite: ['a'], name: 'left out', outcome: 'skipped' },
    { suite: ['a'], name: 'skips itself', outcome: 'skipped' },
    { suite: ['b'], name: 'a file that cannot be read', outcome: 'error' },
  ] as const
  const given = results.map((one) => ({ ...one, suite: [...one.suite] }))

  test('does not list those that were left out as skipped', () => {
    const only = [
      { suite: ['a'], name: 'wanted' },
      { suite: ['a'], name: 'skips itself' },
    ]
    expect(onlyThese(given, only).map(({ name }) => name)).toEqual(['wanted', 'skips itself', 'a file that cannot be read'])
  })
  test('is whole when all were wanted', () => expect(onlyThese(given, [])).toEqual(given))
})
