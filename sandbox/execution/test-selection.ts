import type { TestSelection } from '../../protocol/language.ts'
import type { TestName, TestResult } from '../../protocol/test-report.ts'

type Sources = { paths: readonly string[]; extensions: readonly string[] }

/** The words by which a framework is told to run these tests and no others. */
export function wordsToSelect(select: TestSelection, tests: readonly TestName[], sources: Sources): string[] {
  const written = tests.map((test) => namesOf(select, test, sources))
  // A file that could not be loaded is told like a test, and is asked for by asking for all.
  if (written.some((names) => names.length === 0)) return []
  const names = [...new Set(written.flat())]
  return select.argv.flatMap((word) =>
    // A function, since in a string $& and its kin would mean something.
    word.includes('{test}')
      ? names.map((name) => word.replace('{test}', () => name))
      : [word.replace('{tests}', () => names.join(select.or ?? ''))],
  )
}

/** Whether a run may name several tests. */
export const selectsMany = ({ argv, or }: TestSelection): boolean =>
  or !== undefined || !argv.some((word) => word.includes('{tests}'))

/** The results without the tests that were left out: some frameworks list those as skipped. */
export function onlyThese(results: readonly TestResult[], only: readonly TestName[]): TestResult[] {
  if (only.length === 0) return [...results]
  const wanted = new Set(only.map(keyOf))
  return results.filter((result) => result.outcome !== 'skipped' || wanted.has(keyOf(result)))
}
const keyOf = ({ suite, name }: TestName) => JSON.stringify([...suite, name])

function namesOf(select: TestSelection, test: TestName, sources: Sources): string[] {
  const parts = partsOf(test, select.outermost, sources).slice(select.from)
  const own = parts.at(-1)
  if (own === undefined) return []
  const written = (own: string) => [...parts.slice(0, -1), own].map(quotes[select.quote]).join(select.between)
  const end = select.section === undefined ? -1 : own.indexOf(select.section)
  return end > 0 ? [written(own), written(own.slice(0, end))] : [written(own)]
}

function partsOf({ suite, name }: TestName, how: TestSelection['outermost'], sources: Sources): string[] {
  const [outermost = '', ...inner] = suite
  if (how === 'whole') return [...suite, name]
  if (how === 'dotted') return [...outermost.split('.'), ...inner, name]
  const inFile = moduleParts(outermost, sources)
  if (inFile) return [...inFile, ...inner, name]
  return moduleParts(name, sources) ?? []
}

/** Of "shop.cart.TestCart" shop/cart.py, if there is one, and what is in it: the longest name that is a file's. */
function moduleParts(dotted: string, { paths, extensions }: Sources): string[] | null {
  const parts = dotted.split('.')
  for (let length = parts.length; length > 0; length--) {
    const stem = parts.slice(0, length).join('/')
    const path = extensions.map((extension) => stem + extension).find((one) => paths.includes(one))
    if (path) return [path, ...parts.slice(length)]
  }
  return null
}

/** Only signs that mean something to every dialect are escaped: to some, a backslash gives others a meaning. */
const quotes: Readonly<Record<TestSelection['quote'], (text: string) => string>> = {
  none: (text) => text,
  regex: (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
  'lua-pattern': (text) => text.replace(/[!-/:-@[-`{-~]/g, '%$&'),
  commas: (text) => text.replace(/[\\,]/g, '\\$&'),
}
