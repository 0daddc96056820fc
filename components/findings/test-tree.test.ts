import { describe, expect, test } from 'vitest'
import type { TestResult } from '../../protocol/test-report.ts'
import { allPassed, countOf, differenceOf, type Suite, treeOf } from './test-tree.ts'

const result = (name: string, outcome: TestResult['outcome'], ...suite: string[]): TestResult => ({ name, outcome, suite })
const shape = ({ name, suites, tests }: Suite): unknown => [name, ...tests.map((one) => one.name), ...suites.map(shape)]

describe('the tree of tests', () => {
  test('has a suite once, wherever its tests stand in the report', () => {
    const tree = treeOf([result('a', 'passed', 'one', 'in'), result('b', 'passed', 'two'), result('c', 'passed', 'one', 'in')])
    expect(shape(tree)).toEqual(['', ['one', ['in', 'a', 'c']], ['two', 'b']])
    expect(countOf(tree)).toBe(3)
  })
  test('has what failed first, and suites with a failure before those without', () => {
    const tree = treeOf([
      result('a', 'skipped', 'good'),
      result('b', 'passed', 'good'),
      result('c', 'passed', 'bad'),
      result('d', 'failed', 'bad'),
      result('e', 'passed'),
      result('f', 'error'),
    ])
    expect(shape(tree)).toEqual(['', 'f', 'e', ['bad', 'd', 'c'], ['good', 'b', 'a']])
    expect(tree.suites.map(allPassed)).toEqual([false, true])
  })
})

describe('what was expected beside what came', () => {
  test('marks what is only in one of them', () => {
    const { expected, actual } = differenceOf('size 4 of 7', 'size 5 of 7')
    expect(expected.filter(({ differs }) => differs)).toEqual([{ text: '4', differs: true }])
    expect(actual.filter(({ differs }) => differs)).toEqual([{ text: '5', differs: true }])
    expect(expected.map(({ text }) => text).join('')).toBe('size 4 of 7')
    expect(actual.map(({ text }) => text).join('')).toBe('size 5 of 7')
  })
  test('of texts that have nothing in common is both, whole', () => {
    const [one, other] = [
      Array.from({ length: 3000 }, (_, n) => `a${n}`).join(' '),
      Array.from({ length: 3000 }, (_, n) => `b${n}`).join('\n'),
    ]
    const { expected, actual } = differenceOf(one, other)
    expect([expected.map(({ text }) => text).join(''), actual.map(({ text }) => text).join('')]).toEqual([one, other])
  })
})
