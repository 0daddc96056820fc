import { XMLParser } from 'fast-xml-parser'
import type { TestResult } from '../../protocol/test-report.ts'

/** An element as the parser gives it with `preserveOrder`: its name with its children, and its attributes. */
type Node = { ':@'?: Record<string, string> } & { [name: string]: unknown }

const attributesKey = ':@'
const textKey = '#text'
/** More than is kept of a message; a hostile report may have megabytes of it. */
const enoughChars = 16 * 1024
/** One more than is listed, so that it can be told that there were more. */
const enoughTests = 1001
/** Deeper than any framework nests its suites. */
const deepest = 50

// Entities are decoded here, after parsing: a document type could define ones that grow without end.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: textKey,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: deepest,
})

/**
 * The report JUnit's Ant task began and everybody writes: pytest, JUnit 5, doctest, Catch2, minitest, PHPUnit, bats, busted.
 * Frameworks differ in where they put the place and the message; what is read is what at least one of them writes.
 */
export function junitXml(text: string): TestResult[] | null {
  const start = text.search(/<testsuites?[\s>/]/)
  // A document type has no business in a report, and what comes before the report itself is none of it.
  if (start === -1) return null
  // The parser would take a test that was cut off for one that passed.
  if (!/(?:<\/testsuites?>|\/>)$/.test(text.slice(-1000).trimEnd())) return null
  let roots: Node[]
  try {
    roots = parser.parse(text.slice(start)) as Node[]
  } catch {
    // Not well-formed, or nested like no report is.
    return null
  }
  const tests: TestResult[] = []
  for (const root of roots) walk(root, [], tests)
  return tests
}

function walk(node: Node, suites: readonly string[], tests: TestResult[]): void {
  if (tests.length >= enoughTests) return
  const name = nameOf(node)
  if (name === 'testcase') tests.push(testOf(node, suites))
  if (name !== 'testsuite' && name !== 'testsuites') return
  const own = attributesOf(node).name
  const inside = name === 'testsuite' && own ? [...suites, own] : suites
  for (const child of childrenOf(node)) walk(child, inside, tests)
}

function testOf(node: Node, suites: readonly string[]): TestResult {
  const { name = '', classname, time, file, line } = attributesOf(node)
  const children = childrenOf(node)
  // A test that goes on after a failed check has several, and Catch2 tells one again for each of its sections.
  const reasons = (wanted: string) => [
    ...new Set(
      children
        .filter((each) => nameOf(each) === wanted)
        .slice(0, 20)
        .map(reasonOf),
    ),
  ]
  const failures = reasons('failure')
  const errors = reasons('error')
  const skips = reasons('skipped')
  const message = [failures, errors, skips].find((each) => each.length > 0)?.join('\n\n') ?? ''
  // busted calls the place of a test its class.
  const placed = classname ? /^([^\s:]+):(\d+)$/.exec(classname) : null
  const place =
    file && line
      ? { file, line: Number(line) }
      : (placeIn(message, classname) ?? (placed && { file: placed[1]!, line: Number(placed[2]) }))
  return {
    name,
    suite: placed ? [placed[1]!] : classname ? [classname] : [...suites],
    outcome: failures.length > 0 ? 'failed' : errors.length > 0 ? 'error' : skips.length > 0 ? 'skipped' : 'passed',
    ...(message ? { message } : {}),
    ...(time === undefined || time === '' ? {} : { duration_ms: Number(time) * 1000 }),
    ...(place ?? (file ? { file } : {})),
    ...(failures.length > 0 ? valuesIn(message) : {}),
  }
}

/** The attribute is the short form, the text the long one, which often begins with the short one. */
function reasonOf(node: Node): string {
  const attributes = attributesOf(node)
  const short = (attributes.message ?? '').slice(0, enoughChars).trim()
  const long = textOf(node).slice(0, enoughChars).trim()
  const headline = short.split('\n', 1)[0]!.slice(0, 200)
  if (!short || long.slice(0, 4096).includes(headline)) return long || attributes.type || ''
  return long ? `${short}\n\n${long}` : short
}

/** "main_test.py:5: AssertionError", "at CartTest.total(CartTest.java:12)", "main.cpp(6):", bats' "(in test file main.bats, line 2)" */
function placeIn(message: string, classname: string | undefined): { file: string; line: number } | null {
  const told = /^\(in test file ([^,\n]+), line (\d{1,7})\)/.exec(message)
  if (told) return { file: told[1]!, line: Number(told[2]) }
  const ownFrame = classname ? javaFrame(message, classname) : null
  if (ownFrame) return ownFrame
  for (const matched of message.matchAll(
    /(?:^|[\s("'[])(?:\/workspace\/)?([^\s:()"'[\]/][^\s:()"'[\]]*\.[A-Za-z]{1,5})(?::|\()(\d{1,7})\b/g,
  )) {
    const file = matched[1]!
    if (!file.includes('site-packages') && !file.includes('node_modules')) return { file, line: Number(matched[2]) }
  }
  return null
}

/** The frame of the test's own class; the stack above it is the framework's. */
function javaFrame(message: string, classname: string): { file: string; line: number } | null {
  const at = message.indexOf(`${classname}.`)
  const open = at === -1 ? -1 : message.indexOf('(', at)
  const close = open === -1 ? -1 : message.indexOf(')', open)
  const [file, line] = close === -1 || close - at > 500 ? [] : message.slice(open + 1, close).split(':')
  if (!file?.endsWith('.java') || !line) return null
  const folder = classname.split('.').slice(0, -1).join('/')
  return { file: folder ? `${folder}/${file}` : file, line: Number(line) }
}

/** JUnit 5 and minitest say on which side a value stood; what others say is left as words. */
function valuesIn(message: string): { expected: string; actual: string } | Record<string, never> {
  const start = message.indexOf('expected: <')
  const middle = start === -1 ? -1 : message.indexOf('> but was: <', start)
  const end = middle === -1 ? -1 : endOfValue(message, middle)
  if (end !== -1) {
    return {
      expected: message.slice(start + 'expected: <'.length, middle),
      actual: message.slice(middle + '> but was: <'.length, end),
    }
  }
  const expected = /^ *Expected: (.*)$/m.exec(message)
  const actual = /^ *Actual: (.*)$/m.exec(message)
  return expected && actual ? { expected: expected[1]!, actual: actual[1]! } : {}
}

function endOfValue(message: string, from: number): number {
  const newline = message.indexOf('\n', from)
  const line = newline === -1 ? message.length : newline
  const end = message.lastIndexOf('>', line - 1)
  return end > from + '> but was: <'.length - 1 ? end : -1
}

function nameOf(node: Node): string {
  for (const key of Object.keys(node)) if (key !== attributesKey) return key
  return ''
}

function childrenOf(node: Node): Node[] {
  const children = node[nameOf(node)]
  return Array.isArray(children) ? (children as Node[]) : []
}

function attributesOf(node: Node): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [name, value] of Object.entries(node[attributesKey] ?? {})) {
    if (typeof value === 'string') attributes[name] = decoded(value)
  }
  return attributes
}

const textOf = (node: Node): string =>
  childrenOf(node)
    .map((child) => (typeof child[textKey] === 'string' ? decoded(child[textKey]) : ''))
    .join('')

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The five entities every XML has, and characters by number. */
function decoded(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole, name?: string, decimal?: string, hex?: string) => {
      if (name) return entities[name]!
      const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex!, 16)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}
