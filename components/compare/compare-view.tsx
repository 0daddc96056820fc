'use client'
import '../jitless.ts'
import clsx from 'clsx'
import { useMemo, useState } from 'react'
import type { Run } from '../../protocol/run.ts'
import { DiffEditor } from '../editor/diff-editor.tsx'
import { PlainCode } from '../editor/plain-code.tsx'
import { toneOfRun } from '../run/tone.ts'
import { ToneSign } from '../run/verdict-line.tsx'
import { contentId } from '../ui/site-header.tsx'
import { TabStrip } from '../ui/tab-strip.tsx'
import { When } from '../ui/when.tsx'
import { factsOf, filePairsOf, type Hunk, hunksOf } from './compare.ts'

const panelId = 'compared-files'
const states = { same: 'the same', changed: 'changed', left: 'only in the first', right: 'only in the second' }

/** Two runs side by side: what ran, how it ended, what it wrote. */
export function CompareView({ left, right, editorLanguage }: { left: Run; right: Run; editorLanguage: string }) {
  const pairs = useMemo(() => filePairsOf(left.files, right.files), [left, right])
  const [path, setPath] = useState(pairs[0]?.path ?? '')
  const pair = pairs.find((one) => one.path === path)
  const textOf = (file: { content: string; encoding?: string | undefined } | null | undefined) =>
    file?.encoding === 'base64' ? '(not text)' : (file?.content ?? '')
  const codeIsSame = pairs.every(({ state }) => state === 'same')

  return (
    <main id={contentId} tabIndex={-1} className="outline-none mx-auto w-full max-w-[100rem] flex-1 px-4 py-6 sm:px-6">
      <h1 className="font-semibold text-xl tracking-tight">Two runs side by side</h1>
      <div className="mt-4 grid gap-3 sm:grid-cols-2">
        <Head run={left} place="First" />
        <Head run={right} place="Second" />
      </div>

      <section
        aria-label="Figures"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard.
        tabIndex={0}
        className="mt-6 overflow-x-auto rounded-xl border border-line bg-panel"
      >
        <table className="w-full table-fixed text-left text-[0.8125rem]">
          <thead className="sr-only">
            <tr>
              <th>What</th>
              <th>First</th>
              <th>Second</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {factsOf(left, right).map((fact) => (
              <tr key={fact.name} data-differs={fact.differs || undefined}>
                <th scope="row" className="w-32 px-4 py-2 font-normal text-ink-faint max-sm:w-24 max-sm:pr-0">
                  {fact.name}
                </th>
                <td className="wrap-anywhere px-4 py-2 tabular-nums">{fact.left}</td>
                <td className={clsx('wrap-anywhere px-4 py-2 tabular-nums', fact.differs && 'font-medium text-accent')}>
                  {fact.right}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>

      <section aria-label="Output" className="mt-6 overflow-hidden rounded-xl border border-line bg-panel">
        <h2 className="border-line border-b px-4 py-2.5 font-medium text-[0.8125rem]">Output</h2>
        <OutputDiff left={left.stdout + left.stderr} right={right.stdout + right.stderr} />
      </section>

      <section aria-label="Code" className="mt-6 overflow-hidden rounded-xl border border-line bg-panel">
        {codeIsSame ? (
          <h2 className="px-4 py-2.5 font-medium text-[0.8125rem]">The code is the same</h2>
        ) : (
          <>
            <div className="flex h-11 border-line border-b pl-1">
              <TabStrip
                label="Files"
                panelId={panelId}
                active={path}
                onSelect={setPath}
                tabs={pairs.map((one) => ({
                  id: one.path,
                  label: (
                    <>
                      <bdi className="font-mono text-xs">{one.path}</bdi>
                      {one.state !== 'same' && <span className="ml-1.5 text-accent text-xs">{states[one.state]}</span>}
                    </>
                  ),
                }))}
              />
            </div>
            <div id={panelId} role="tabpanel" aria-label={path} className="flex h-[28rem] flex-col">
              <DiffEditor
                left={textOf(pair?.left)}
                right={textOf(pair?.right)}
                language={editorLanguage}
                label={`Code of ${path}`}
                placeholder={<PlainCode text={textOf(pair?.right ?? pair?.left)} />}
              />
            </div>
          </>
        )}
      </section>
    </main>
  )
}

function Head({ run, place }: { run: Run; place: string }) {
  const tone = toneOfRun(run)
  return (
    <a href={`/r/${run.run_id}`} className="block rounded-xl border border-line bg-panel px-4 py-3 hover:border-line-strong">
      <span className="text-ink-faint text-xs">{place}</span>
      <span className="mt-0.5 flex items-center gap-2 font-medium">
        {tone !== 'live' && <ToneSign tone={tone} className="size-4 shrink-0" />}
        <span className="min-w-0 truncate">{run.name ?? run.message}</span>
      </span>
      <span className="mt-0.5 block text-ink-faint text-xs">
        <When iso={run.created_at} />
      </span>
    </a>
  )
}

function OutputDiff({ left, right }: { left: string; right: string }) {
  const { hunks, same, cut } = useMemo(() => hunksOf(left, right), [left, right])
  if (same)
    return <p className="px-4 py-3 text-ink-soft text-sm">{left === '' ? 'Both wrote nothing.' : 'The same, to the letter.'}</p>
  return (
    <>
      {cut && (
        <p className="border-line border-b px-4 py-2 text-ink-faint text-xs">
          The ends of both are compared: they are very long.
        </p>
      )}
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard.
        tabIndex={0}
        data-testid="output-diff"
        className="max-h-[32rem] overflow-auto py-2 font-mono text-[12.5px] leading-5"
      >
        {hunks.map((hunk, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two runs that have ended do not change.
          <HunkLines key={at} hunk={hunk} />
        ))}
      </div>
    </>
  )
}

const looks = {
  same: 'text-ink-soft',
  left: 'bg-bad-wash text-bad',
  right: 'bg-good-wash text-good',
}
const signs = { same: ' ', left: '−', right: '+' }

function HunkLines({ hunk }: { hunk: Hunk }) {
  return (
    <>
      {hunk.skipped > 0 && (
        <p className="select-none px-4 py-1 font-sans text-ink-faint text-xs">
          {hunk.skipped === 1 ? 'One equal line' : `${hunk.skipped} equal lines`}
        </p>
      )}
      {hunk.lines.map(({ kind, text }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two runs that have ended do not change.
        <div key={at} data-kind={kind} className={clsx('whitespace-pre px-4 [unicode-bidi:isolate]', looks[kind])}>
          <span aria-hidden className="mr-3 inline-block w-2 select-none">
            {signs[kind]}
          </span>
          {text}
        </div>
      ))}
    </>
  )
}
