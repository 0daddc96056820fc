import type { ReactNode } from 'react'
import type { Ending } from '../../protocol/run.ts'
import type { Transcript } from '../../protocol/transcript.ts'
import { Errors } from './errors.tsx'
import { Files } from './files.tsx'
import { Stacks } from './stacks.tsx'
import type { TestRunner } from './test-runner.ts'
import { Tests } from './tests.tsx'

/** What a run left beside its output: test results, places of errors, where it hung, files, notes. Nothing when there is nothing. */
export function Findings({
  runId,
  transcript,
  runner = null,
}: {
  runId: string
  transcript: Transcript
  /** Where tests can be run from. */
  runner?: TestRunner | null
}) {
  const { ending, artifacts } = transcript
  if (!ending || !hasFindings(ending, artifacts.length)) return null
  const { tests, diagnostics = [], stacks = [], notes = [] } = ending
  return (
    <section
      aria-label="What the run left"
      data-testid="findings"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
      tabIndex={0}
      className="max-h-[45%] shrink-0 divide-y divide-line overflow-y-auto border-line border-t text-[0.8125rem] focus-visible:outline-offset-[-3px]"
    >
      {tests && <Tests report={tests} runner={runner} />}
      {diagnostics.length > 0 && <Errors diagnostics={diagnostics} />}
      {stacks.length > 0 && <Stacks stacks={stacks} />}
      {artifacts.length > 0 && <Files runId={runId} artifacts={artifacts} />}
      {notes.length > 0 && (
        <Finding title="Notes">
          <ul className="space-y-1 text-ink-soft">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Finding>
      )}
    </section>
  )
}

const hasFindings = ({ tests, diagnostics, stacks, notes }: Ending, artifacts: number): boolean =>
  Boolean(tests || diagnostics?.length || stacks?.length || notes?.length || artifacts)

/** One kind of finding, with a heading that says how many. */
export function Finding({ title, actions, children }: { title: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="px-4 py-3">
      <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-medium text-ink">{title}</h3>
        {actions}
      </div>
      {children}
    </div>
  )
}
