'use client'
import '../jitless.ts'
import clsx from 'clsx'
import { GitFork } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import type { Run, RunFile } from '../../protocol/run.ts'
import type { Transcript } from '../../protocol/transcript.ts'
import { bytes, headlineOf, seconds } from '../../protocol/words.ts'
import { Console } from '../console/console.tsx'
import { marksByPath } from '../editor/marks.ts'
import { Findings } from '../findings/findings.tsx'
import { lengthOf } from '../replay/moment.ts'
import { ReplayBar } from '../replay/replay-bar.tsx'
import { useReplayedRun } from '../replay/use-replayed-run.ts'
import { ConnectionNotice, meanwhileOf } from '../run/connection-notice.tsx'
import { type Place, PlacesProvider } from '../run/place.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { phaseOf } from '../run/run-state.ts'
import { RunStatus } from '../run/run-status.tsx'
import { toneOf } from '../run/tone.ts'
import { ToneSign, toneInk, VerdictLine } from '../run/verdict-line.tsx'
import { markShared } from '../share/mark-shared.ts'
import { ShareButton } from '../share/share-button.tsx'
import { buttonClass } from '../ui/button.tsx'
import { contentId } from '../ui/site-header.tsx'
import { When } from '../ui/when.tsx'
import { type CodeHandle, CodeOfRun } from './code-of-run.tsx'
import { CompareWith, RunAgain, TakeAway } from './run-actions.tsx'
import { parseSpot, spotHash } from './spot.ts'

/** What of a run does not change while it goes on. */
export type Recorded = Pick<
  Run,
  | 'run_id'
  | 'language'
  | 'version'
  | 'limits'
  | 'created_at'
  | 'files'
  | 'tty'
  | 'only'
  | 'name'
  | 'entry'
  | 'stdin'
  | 'args'
  | 'image'
  | 'image_digest'
>

/** One run, for whoever has its address: live while it goes on, to be replayed once it has ended. */
export function RunView({
  run,
  languageName,
  editorLanguage,
  transcript,
}: {
  run: Recorded
  languageName: string
  editorLanguage: string
  /** As much of what happened as the server sent along; the rest is fetched. */
  transcript: Transcript
}) {
  const { state, lost, retry, whole, shown, replay } = useReplayedRun(run, transcript)
  const { ending } = whole
  const tone = ending && toneOf(ending.verdict)
  const code = useRef<CodeHandle>(null)
  const marks = useMemo(() => (ending ? marksByPath(ending, run.files, run.files) : new Map()), [ending, run.files])
  const places = useMemo(
    () => ({ paths: run.files.map(({ path }) => path), go: (place: Place) => code.current?.go(place) }),
    [run.files],
  )

  // What the address points at, when it is opened and when somebody changes it.
  const { act } = replay
  const hasEnded = ending !== null
  useEffect(() => {
    const follow = () => {
      const { line, path, ms } = parseSpot(location.hash)
      if (line !== undefined) code.current?.go({ path: path ?? run.entry, line })
      if (ms !== undefined && hasEnded) act({ type: 'seek', to: ms })
    }
    follow()
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [run.entry, act, hasEnded])
  /** Of a replay that stands somewhere before the end, the link leads to that moment. */
  const moment = ending && !replay.playing && replay.position < lengthOf(whole) ? spotHash({ ms: replay.position }) : ''

  return (
    <PlacesProvider places={places}>
      <ConnectionNotice lost={lost && !hasEnded} meanwhile={meanwhileOf.running} onRetry={retry} />
      <main id={contentId} tabIndex={-1} className="outline-none mx-auto flex w-full max-w-[100rem] flex-1 flex-col">
        <div className="flex flex-wrap items-center gap-x-6 gap-y-3 px-4 py-4 sm:px-6">
          <div className="min-w-0">
            <h1 className={clsx('flex items-center gap-2.5 font-semibold text-xl tracking-tight', tone && toneInk[tone])}>
              {tone ? (
                <ToneSign tone={tone} className="size-5 shrink-0" />
              ) : (
                <span className="size-2.5 animate-blink rounded-full bg-accent" />
              )}
              <span className="min-w-0">
                {ending ? headlineOf(ending, run.limits) : whole.startedAt === null ? 'Waiting for a sandbox' : 'Running'}
              </span>
            </h1>
            <p className="mt-1 text-ink-faint text-sm">
              {run.name && <span className="text-ink-soft">{run.name} · </span>}
              {languageName} {run.version} · <When iso={run.created_at} /> ·{' '}
              <span title="It is in no list and no search engine. Whoever has the link sees all of it: code, input and output.">
                Unlisted: anyone with the link can see it
              </span>
            </p>
          </div>
          <div className="flex flex-wrap gap-2 sm:ml-auto">
            <TakeAway runId={run.run_id} />
            {ending && <CompareWith runId={run.run_id} />}
            {ending && <RunAgain runId={run.run_id} />}
            <ShareButton
              path={`/r/${run.run_id}${moment}`}
              onShare={() => markShared(run.run_id)}
              label={moment ? 'Copy link to this moment' : 'Copy link'}
              look="plain"
            />
            <Link href={`/?fork=${run.run_id}`} className={buttonClass('primary')}>
              <GitFork className="size-4" aria-hidden />
              Fork
            </Link>
          </div>
        </div>

        <div className="grid min-h-0 gap-4 px-4 sm:px-6 lg:h-[max(30rem,calc(100dvh-19rem))] lg:grid-cols-2">
          <Card className="h-[26rem] lg:h-auto lg:order-2">
            <Console
              transcript={shown}
              status={<RunStatus state={state} />}
              terminal={run.tty ? { size: shown.terminal ?? run.tty, live: false } : null}
              empty={
                <p className="px-4 font-sans text-ink-faint text-sm">
                  {shown.ending
                    ? 'The program wrote nothing.'
                    : ending
                      ? 'Nothing was written until then.'
                      : 'Nothing was written yet.'}
                </p>
              }
            >
              {state.kind === 'following' && state.problem && <RefusalNotice refusal={state.problem} />}
              <Findings runId={run.run_id} transcript={shown} />
              {shown.ending && <VerdictLine ending={shown.ending} limits={run.limits} />}
              {ending && <ReplayBar whole={whole} replay={replay} />}
              {!ending && phaseOf(state) !== 'waiting' && (
                <p className="border-line border-t px-4 py-2.5 text-ink-faint text-xs">
                  Live. The replay is here once the program has ended.
                </p>
              )}
            </Console>
          </Card>
          <Card className="h-[clamp(10rem,calc(var(--lines)*21px+5rem),28rem)] lg:h-auto" lines={mostLines(run.files)}>
            <CodeOfRun
              files={run.files}
              entry={run.entry}
              editorLanguage={editorLanguage}
              marks={marks}
              handle={code}
              onLine={(path, line) => history.replaceState(null, '', spotHash({ line, ...(path === run.entry ? {} : { path }) }))}
            />
          </Card>
        </div>

        <Details run={run} whole={whole} languageName={languageName} />
      </main>
    </PlacesProvider>
  )
}

function Card({ className, lines, children }: { className?: string; lines?: number; children: ReactNode }) {
  return (
    <div
      style={{ '--lines': lines } as object}
      className={clsx('flex min-h-0 min-w-0 flex-col overflow-hidden rounded-xl border border-line bg-panel', className)}
    >
      {children}
    </div>
  )
}

/** Of the longest file: on a narrow screen the code is as tall as it needs to be. */
const mostLines = (files: readonly RunFile[]): number => Math.max(1, ...files.map((file) => file.content.split('\n').length))

function Details({ run, whole, languageName }: { run: Recorded; whole: Transcript; languageName: string }) {
  const { ending } = whole
  const { limits } = run
  return (
    <section aria-label="Details" className="grid gap-x-10 gap-y-8 px-4 py-8 sm:px-6 md:grid-cols-2 xl:grid-cols-3">
      <div>
        <Heading>Used and allowed</Heading>
        <dl className="mt-3 space-y-3">
          <Meter name="Time" used={ending?.duration_ms} allowed={limits.wall_time_ms} words={seconds} />
          <Meter name="Processor time" used={ending?.usage.cpu_ms} allowed={limits.cpu_time_ms} words={seconds} />
          <Meter name="Memory, at its peak" used={ending?.usage.memory_peak_bytes} allowed={limits.memory_bytes} words={bytes} />
          <Meter
            name="Output"
            used={ending ? ending.stdout_bytes + ending.stderr_bytes : undefined}
            allowed={limits.output_bytes}
            words={bytes}
          />
        </dl>
      </div>
      <div>
        <Heading>Ran in</Heading>
        <dl className="mt-3 space-y-2 text-sm">
          <Line name="Language">
            {languageName} {run.version}
          </Line>
          <Line name="Image">
            <Code>{run.image}</Code>
          </Line>
          <Line name="Digest">
            <Code>{run.image_digest}</Code>
          </Line>
          <Line name="Asked for">
            <When iso={run.created_at} />
          </Line>
          <Line name="Waited">{whole.startedAt === null ? '–' : seconds(whole.startedAt)}</Line>
          {ending && ending.exit_code !== null && (
            <Line name="Exit code">
              {ending.exit_code}
              {ending.signal && ` (${ending.signal})`}
            </Line>
          )}
        </dl>
      </div>
      <div>
        <Heading>Was given</Heading>
        <dl className="mt-3 space-y-2 text-sm">
          <Line name="Arguments">
            {run.args.length === 0 ? (
              <span className="text-ink-faint">none</span>
            ) : (
              <ul className="space-y-1">
                {run.args.map((arg, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: an argument is its place.
                  <li key={i}>
                    <Code>{arg === '' ? "''" : arg}</Code>
                  </li>
                ))}
              </ul>
            )}
          </Line>
          <Line name="Input">
            {run.stdin === '' ? (
              <span className="text-ink-faint">
                {whole.chunks.some((chunk) => chunk.source === 'input') ? 'typed while it ran' : 'none'}
              </span>
            ) : (
              <section
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard.
                tabIndex={0}
                aria-label="Input of this run"
                className="max-h-48 whitespace-pre overflow-auto rounded-lg border border-line bg-sunken p-2.5 font-mono text-xs"
              >
                {run.stdin}
              </section>
            )}
          </Line>
        </dl>
      </div>
    </section>
  )
}

function Heading({ children }: { children: ReactNode }) {
  return <h2 className="font-medium text-[0.8125rem] text-ink-soft">{children}</h2>
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-4">
      <dt className="w-24 shrink-0 text-ink-faint">{name}</dt>
      <dd className="min-w-0 flex-1">{children}</dd>
    </div>
  )
}

function Code({ children }: { children: ReactNode }) {
  return <code className="break-all font-mono text-xs [unicode-bidi:isolate]">{children}</code>
}

function Meter({
  name,
  used,
  allowed,
  words,
}: {
  name: string
  used: number | undefined
  allowed: number
  words(amount: number): string
}) {
  const part = used === undefined ? 0 : Math.min(1, used / allowed)
  return (
    <div className="grid grid-cols-[1fr_auto] gap-y-1.5 text-sm">
      <dt className="text-ink-faint">{name}</dt>
      <dd className="tabular-nums">
        {used === undefined ? '–' : words(used)} <span className="text-ink-faint">of {words(allowed)}</span>
      </dd>
      <dd aria-hidden data-varies className="col-span-2 h-1 overflow-hidden rounded-full bg-hover">
        <div
          className={clsx('h-full rounded-full', part >= 1 ? 'bg-limit' : 'bg-accent')}
          style={{ width: `${Math.max(part * 100, used ? 0.8 : 0)}%` }}
        />
      </dd>
    </div>
  )
}
