import clsx from 'clsx'
import { CircleAlert, CircleCheck, CircleDashed, CircleX } from 'lucide-react'
import type { TestReport, TestResult } from '../../protocol/test-report.ts'
import { seconds } from '../../protocol/words.ts'
import { Finding } from './findings.tsx'

const signs = { passed: CircleCheck, failed: CircleX, error: CircleAlert, skipped: CircleDashed }
const inks = { passed: 'text-good', failed: 'text-bad', error: 'text-bad', skipped: 'text-ink-faint' }

/** Each test with its outcome; those that did not pass come first and say why. */
export function Tests({ report }: { report: TestReport }) {
  const tests = [...report.tests].sort((a, b) => weight(a) - weight(b))
  return (
    <Finding
      title={
        <>
          {summaryOf(report)} <span className="font-normal text-ink-faint">{report.framework}</span>
        </>
      }
    >
      <ol className="space-y-1.5" data-testid="tests">
        {tests.map((test, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of a finished run does not change.
          <li key={index}>
            <Result test={test} />
          </li>
        ))}
      </ol>
      {report.truncated && <p className="mt-2 text-ink-faint text-xs">There are more; the first {tests.length} are shown.</p>}
    </Finding>
  )
}

function Result({ test }: { test: TestResult }) {
  const Sign = signs[test.outcome]
  return (
    <>
      <p className="flex items-start gap-2">
        <Sign className={clsx('mt-0.5 size-4 shrink-0', inks[test.outcome])} aria-label={test.outcome} />
        <span className="min-w-0 flex-1 break-words">
          {test.suite.length > 0 && <span className="text-ink-faint">{test.suite.join(' › ')} › </span>}
          {test.name}
        </span>
        {test.duration_ms !== undefined && (
          <span className="shrink-0 text-ink-faint text-xs tabular-nums leading-5">{seconds(test.duration_ms)}</span>
        )}
      </p>
      {test.message && (
        <pre className="mt-1 ml-6 max-h-48 overflow-auto whitespace-pre-wrap break-words rounded-md bg-sunken px-2.5 py-1.5 font-mono text-ink-soft text-xs">
          {test.message}
        </pre>
      )}
    </>
  )
}

const weight = ({ outcome }: TestResult): number => ({ failed: 0, error: 0, skipped: 2, passed: 1 })[outcome]

/** "1 failed, 3 passed" */
export function summaryOf({ tests }: TestReport): string {
  if (tests.length === 0) return 'No tests ran'
  const counts = (['failed', 'error', 'passed', 'skipped'] as const).flatMap((outcome) => {
    const count = tests.filter((test) => test.outcome === outcome).length
    return count === 0 ? [] : [`${count} ${outcome === 'error' ? (count === 1 ? 'error' : 'errors') : outcome}`]
  })
  return counts.join(', ')
}
