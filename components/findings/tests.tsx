import clsx from 'clsx'
import { ChevronRight, CircleAlert, CircleCheck, CircleDashed, CircleX, ListRestart, Play, RotateCw } from 'lucide-react'
import type { TestReport, TestResult } from '../../protocol/test-report.ts'
import { seconds } from '../../protocol/words.ts'
import { PlaceLink } from '../run/place.tsx'
import { Button } from '../ui/button.tsx'
import { Finding } from './findings.tsx'
import { failedOf, nameOf, type TestRunner } from './test-runner.ts'
import { allPassed, countOf, differenceOf, type Part, type Suite, treeOf } from './test-tree.ts'

const signs = { passed: CircleCheck, failed: CircleX, error: CircleAlert, skipped: CircleDashed }
const inks = { passed: 'text-good', failed: 'text-bad', error: 'text-bad', skipped: 'text-ink-faint' }

/** Each test with its outcome, in its suites; those that did not pass come first and say why. */
export function Tests({ report, runner }: { report: TestReport; runner: TestRunner | null }) {
  const tree = treeOf(report.tests)
  const failed = runner ? failedOf(report.tests, runner) : []
  return (
    <Finding
      actions={
        runner && (
          <>
            {failed.length > 0 && (
              <Button look="plain" size="small" onClick={() => runner.run(failed)}>
                <RotateCw className="size-3.5" aria-hidden />
                Rerun failed
              </Button>
            )}
            {runner.partial && (
              <Button look="quiet" size="small" onClick={() => runner.run('all')}>
                <ListRestart className="size-3.5" aria-hidden />
                Run all
              </Button>
            )}
          </>
        )
      }
      title={
        <>
          {summaryOf(report)} <span className="font-normal text-ink-faint">{report.framework}</span>
        </>
      }
    >
      <div data-testid="tests">
        <Members suite={tree} runner={runner} />
      </div>
      {report.truncated && (
        <p className="mt-2 text-ink-faint text-xs">There are more; the first {report.tests.length} are shown.</p>
      )}
    </Finding>
  )
}

/** What is in a suite: its own tests, then the suites in it. Those in which all is well are folded when there is something else to see. */
function Members({ suite, runner }: { suite: Suite; runner: TestRunner | null }) {
  const { suites, tests } = suite
  const fold = !allPassed(suite)
  return (
    <ul className="space-y-1.5">
      {tests.map((test, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list of a finished run does not change.
        <li key={index}>
          <Result test={test} runner={runner} />
        </li>
      ))}
      {suites.map((inner) => (
        <li key={inner.name}>
          <details open={!(fold && allPassed(inner))} className="group/suite">
            <summary className="flex cursor-pointer list-none items-center gap-1.5 rounded-sm text-ink-soft [&::-webkit-details-marker]:hidden">
              <ChevronRight
                className="size-3.5 shrink-0 text-ink-faint transition-transform [details[open]>summary>&]:rotate-90"
                aria-hidden
              />
              <span className="min-w-0 break-words">{inner.name}</span>
              <span className="text-ink-faint text-xs tabular-nums">
                {countOf(inner)}
                <span className="sr-only"> tests</span>
              </span>
            </summary>
            <div className="mt-1.5 ml-1.5 border-line border-l pl-3">
              <Members suite={inner} runner={runner} />
            </div>
          </details>
        </li>
      ))}
    </ul>
  )
}

function Result({ test, runner }: { test: TestResult; runner: TestRunner | null }) {
  const Sign = signs[test.outcome]
  const { expected, actual } = test
  return (
    <>
      <div className="group/test flex items-start gap-2">
        <Sign className={clsx('mt-0.5 size-4 shrink-0', inks[test.outcome])} aria-label={test.outcome} />
        <span className="min-w-0 flex-1 break-words">{test.name}</span>
        {test.file && test.line !== undefined && test.outcome !== 'passed' && (
          <span className="shrink-0 font-mono text-xs leading-5">
            <PlaceLink place={{ path: test.file, line: test.line }} />
          </span>
        )}
        {test.duration_ms !== undefined && (
          <span className="shrink-0 text-ink-faint text-xs tabular-nums leading-5">{seconds(test.duration_ms)}</span>
        )}
        {runner && (
          <button
            type="button"
            aria-label={`Run only ${test.name}`}
            title="Run this test"
            onClick={() => runner.run([nameOf(test)])}
            className="-my-0.5 grid size-6 shrink-0 place-items-center rounded-md text-ink-faint opacity-60 transition-opacity hover:bg-hover hover:text-accent group-focus-within/test:opacity-100 group-hover/test:opacity-100 motion-reduce:transition-none"
          >
            <Play className="size-3.5" aria-hidden />
          </button>
        )}
      </div>
      {expected !== undefined && actual !== undefined && <Difference expected={expected} actual={actual} />}
      {test.message && (
        <pre className="mt-1 ml-6 max-h-48 overflow-auto whitespace-pre-wrap break-words rounded-md bg-sunken px-2.5 py-1.5 font-mono text-ink-soft text-xs">
          {test.message}
        </pre>
      )}
    </>
  )
}

function Difference({ expected, actual }: { expected: string; actual: string }) {
  const sides = differenceOf(expected, actual)
  return (
    <dl className="mt-1 ml-6 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 font-mono text-xs">
      <dt className="font-sans text-ink-faint">Expected</dt>
      <dd className="min-w-0 whitespace-pre-wrap break-words">
        <Parts parts={sides.expected} ink="bg-good-wash text-good" />
      </dd>
      <dt className="font-sans text-ink-faint">Was</dt>
      <dd className="min-w-0 whitespace-pre-wrap break-words">
        <Parts parts={sides.actual} ink="bg-bad-wash text-bad" />
      </dd>
    </dl>
  )
}

const Parts = ({ parts, ink }: { parts: readonly Part[]; ink: string }) =>
  parts.map(({ text, differs }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place.
    <span key={index} className={differs ? clsx('rounded-sm', ink) : undefined}>
      {text}
    </span>
  ))

/** "1 failed, 3 passed" */
export function summaryOf({ tests }: TestReport): string {
  if (tests.length === 0) return 'No tests ran'
  const counts = (['failed', 'error', 'passed', 'skipped'] as const).flatMap((outcome) => {
    const count = tests.filter((test) => test.outcome === outcome).length
    return count === 0 ? [] : [`${count} ${outcome === 'error' ? (count === 1 ? 'error' : 'errors') : outcome}`]
  })
  return counts.join(', ')
}
