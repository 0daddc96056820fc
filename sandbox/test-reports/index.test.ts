import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TestReport } from '../../protocol/test-report.ts'
import { reportFormats, testReportOf } from './index.ts'

const read = (format: string, text: string) => testReportOf({ format, framework: 'a framework', text })

/** samples/<framework>.<format>.txt is what a framework wrote (of node:test: what our image's reporter writes), <framework>.json beside it what it means. */
const folder = join(import.meta.dirname, 'samples')
const samples = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()

test.each(samples)('reads %s', (name) => {
  const [framework, format] = name.split('.')
  const report = read(format!, readFileSync(join(folder, name), 'utf8'))
  expect(report?.tests).toEqual(JSON.parse(readFileSync(join(folder, `${framework}.json`), 'utf8')))
})

test('there is a real report of every format', () => {
  const formats = new Set(samples.map((name) => name.split('.')[1]))
  expect([...formats].sort()).toEqual([...reportFormats].sort())
})

const pieces = [
  '<testsuites>', '<testsuite name="a">', '</testsuite>', '<testcase name="x" classname="y" time="NaN" file="f" line="-1">', '</testcase>', '<failure message="m">', '</failure>', '<![CDATA[', ']]>', '&lt;&#0;&#x110000;', '<!DOCTYPE x [<!ENTITY a "b">]>', '<!--', '-->', '<?xml version="1.0"?>', '</testsuites>', '<__proto__ constructor="x">', 'expected: <1> but was: <2>',
  '{"Action":"run","Package":"p","Test":"A/b"}\n', '{"Action":"fail","Package":"p","Test":"A/b","Elapsed":-1}\n', '{"Action":"fail","Package":"p"}\n', '{"type":"test","event":"failed","name":"a::b"}\n', '{"type":"test","event":"constructor","name":"__proto__"}\n',
  '{"name":"x","suite":[],"outcome":"passed"}\n', '{', '"', '\n',
] // biome-ignore format: a list to scan, not to read
const anyReport = fc
  .array(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

test.each(reportFormats)('whatever a program writes as %s, the report is what the protocol allows, or none', (format) => {
  fc.assert(
    fc.property(anyReport, (text) => {
      const report = read(format, text)
      if (report) TestReport.parse(report)
    }),
    { numRuns: 500 },
  )
})

test('a thousand tests are listed, and it is said that there were more', () => {
  const cases = '<testcase name="a"/>'.repeat(1500)
  const report = read('junit-xml', `<testsuite name="s">${cases}</testsuite>`)
  expect(report).toMatchObject({ truncated: true })
  expect(report?.tests).toHaveLength(1000)
})

test('messages are cut', () => {
  const report = read(
    'junit-xml',
    `<testsuite name="s"><testcase name="a"><failure>${'x'.repeat(100_000)}</failure></testcase></testsuite>`,
  )
  expect(report?.tests[0]?.message).toHaveLength(8192)
})

test('entities that a document type defines stay words', () => {
  const bomb = `<!DOCTYPE t [<!ENTITY a "${'x'.repeat(100)}"><!ENTITY b "&a;&a;&a;&a;">]><testsuite name="s"><testcase name="&b;"/></testsuite>`
  expect(read('junit-xml', bomb)?.tests).toMatchObject([{ name: '&b;' }])
})

test.each([
  ['nested ten thousand deep', '<testsuite name="s">'.repeat(10_000)],
  ['not closed', '<testsuite name="s"><testcase name="a">'],
  ['not there', ''],
  ['larger than the engine hands on', ' '.repeat(4 * 1024 * 1024 + 1)],
])('a report that is %s is no report', (_, text) => {
  expect(read('junit-xml', text) ?? { tests: [] }).toMatchObject({ tests: [] })
})

test('what JUnit 5 expected and what it got are told apart', () => {
  const failure =
    '<failure message="sums ==&gt; expected: &lt;3&gt; but was: &lt;2&gt;" type="org.opentest4j.AssertionFailedError">at shop.CartTest.total(CartTest.java:12)</failure>'
  const report = read(
    'junit-xml',
    `<testsuite name="JUnit Jupiter"><testcase name="total()" classname="shop.CartTest" time="0.012">${failure}</testcase></testsuite>`,
  )
  expect(report?.tests).toMatchObject([
    { outcome: 'failed', expected: '3', actual: '2', file: 'shop/CartTest.java', line: 12, duration_ms: 12 },
  ])
})

test('of a process that died the test it died in is told', () => {
  const report = read('libtest-json', '{"type":"test","event":"started","name":"tests::aborts"}\n{"type":"test","event":"sta')
  expect(report?.tests).toEqual([{ name: 'aborts', suite: ['tests'], outcome: 'error', message: 'The test did not end.' }])
})

test('a thousand lines that only begin like a report end the reading', () => {
  const passed = '{"name":"a","suite":[],"outcome":"passed"}\n'
  expect(read('result-lines', `${passed}${'{\n'.repeat(500_000)}${passed}`)?.tests).toHaveLength(1)
})

test('a format that no manifest may name is no report', () => {
  expect(read('constructor', '<testsuite/>')).toBeNull()
})
