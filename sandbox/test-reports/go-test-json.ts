import { z } from 'zod'
import type { TestResult } from '../../protocol/test-report.ts'
import { jsonLines } from './json-lines.ts'

/** `go test -json`: see `go doc test2json`. */
const Event = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  /** Seconds. */
  Elapsed: z.number().optional(),
  Output: z.string().optional(),
  FailedBuild: z.string().optional(),
})

type Said = {
  package: string
  test: string
  output: string[]
  chars: number
  outcome: TestResult['outcome'] | null
  elapsed?: number | undefined
  failedBuild?: string | undefined
}
const outcomes: Readonly<Record<string, TestResult['outcome']>> = { pass: 'passed', fail: 'failed', skip: 'skipped' }
const enoughChars = 16 * 1024

export function goTestJson(text: string): TestResult[] | null {
  const said = new Map<string, Said>()
  const sayingOf = (pkg: string, test: string) => {
    const key = JSON.stringify([pkg, test])
    let entry = said.get(key)
    if (!entry) {
      entry = { package: pkg, test, output: [], chars: 0, outcome: null }
      said.set(key, entry)
    }
    return entry
  }
  let events = 0
  for (const event of jsonLines(text, Event)) {
    events++
    const entry = sayingOf(event.Package ?? event.ImportPath ?? '', event.Test ?? '')
    if (event.Output !== undefined && entry.chars < enoughChars) {
      entry.output.push(event.Output)
      entry.chars += event.Output.length
    }
    if (Object.hasOwn(outcomes, event.Action)) {
      entry.outcome = outcomes[event.Action]!
      entry.elapsed = event.Elapsed
      entry.failedBuild = event.FailedBuild
    }
  }
  if (events === 0) return null

  const tests = [...said.values()].filter(({ test }) => test !== '')
  const parents = new Set(tests.flatMap(({ package: pkg, test }) => (test.includes('/') ? [`${pkg} ${parentOf(test)}`] : [])))
  const failing = new Set(
    tests.flatMap(({ package: pkg, test, outcome }) =>
      outcome === 'failed' && test.includes('/') ? [`${pkg} ${parentOf(test)}`] : [],
    ),
  )
  const results: TestResult[] = []
  for (const entry of tests) {
    const key = `${entry.package} ${entry.test}`
    // A test with subtests stands for them, and only counts itself when it failed for a reason of its own.
    if (parents.has(key) && (entry.outcome !== 'failed' || failing.has(key))) continue
    results.push(resultOf(entry))
  }
  // A package that does not compile, or whose process dies outside a test, has no failed test to show.
  for (const entry of said.values()) {
    if (entry.test !== '' || entry.outcome !== 'failed') continue
    if (results.some(({ suite, outcome }) => suite[0] === entry.package && outcome !== 'passed' && outcome !== 'skipped'))
      continue
    const build = entry.failedBuild ? (said.get(JSON.stringify([entry.failedBuild, '']))?.output ?? []) : []
    results.push({ name: entry.package, suite: [], outcome: 'error', ...placed([...build, ...entry.output].join('')) })
  }
  return results
}

const parentOf = (test: string) => test.slice(0, test.lastIndexOf('/'))

function resultOf({ package: pkg, test, output, outcome, elapsed }: Said): TestResult {
  const path = test.split('/')
  const told = output.filter((line) => !/^\s*(?:=== |--- )/.test(line)).join('')
  return {
    name: path.at(-1)!,
    suite: [pkg, ...path.slice(0, -1)],
    // Began and never ended: the process died in it.
    outcome: outcome ?? 'error',
    ...(outcome === 'passed' ? {} : placed(told)),
    ...(elapsed === undefined ? {} : { duration_ms: elapsed * 1000 }),
  }
}

/** The message, and the place that t.Error puts in front of it. */
function placed(message: string): Pick<TestResult, 'message' | 'file' | 'line'> {
  // A panic has a stack instead, with files of the run under /workspace.
  const place = /^\s*([^\s:]+\.go):(\d+):/m.exec(message) ?? /^\t\/workspace\/([^\s:]+\.go):(\d+)/m.exec(message)
  return { message: dedented(message), ...(place ? { file: place[1]!, line: Number(place[2]) } : {}) }
}

const dedented = (text: string) => text.replace(/^ {4}/gm, '').trim()
