'use client'
import '../jitless.ts'
import { Play, RotateCcw, Square } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'
import { RunId } from '../../protocol/ids.ts'
import type { Language } from '../../protocol/language.ts'
import { emptyTranscript } from '../../protocol/transcript.ts'
import { Ghost } from '../brand/ghost.tsx'
import { Console } from '../console/console.tsx'
import { InputLine } from '../console/input-line.tsx'
import {
  type Draft,
  type Drafts,
  draftOf,
  forkOf,
  languageOf,
  requestOf,
  versionOf,
  withDraft,
  withFile,
  withoutDraft,
} from '../drafts/drafts.ts'
import { useDrafts } from '../drafts/use-drafts.ts'
import { CodeEditor } from '../editor/code-editor.tsx'
import { Findings } from '../findings/findings.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { isUnderWay, phaseOf, type RunHead, type RunState, refusalOf } from '../run/run-state.ts'
import { RunStatus } from '../run/run-status.tsx'
import { useRun } from '../run/use-run.ts'
import { VerdictLine } from '../run/verdict-line.tsx'
import { ShareButton } from '../share/share-button.tsx'
import { Button } from '../ui/button.tsx'
import { SiteHeader } from '../ui/site-header.tsx'
import { Split } from '../ui/split.tsx'
import { TabStrip } from '../ui/tab-strip.tsx'
import { Tip } from '../ui/tip.tsx'
import { useNotify } from '../ui/toasts.tsx'
import { keepRun, keptRun } from './current-run.ts'
import { EngineBanner } from './engine-banner.tsx'
import { InputPanel } from './input-panel.tsx'
import { LanguagePicker } from './language-picker.tsx'
import { notReadyYet } from './readiness.ts'
import { ReadinessNotice } from './readiness-notice.tsx'
import { useLanguages } from './use-languages.ts'

/** The tab of what the program is given. No file can have this name: paths are relative. */
const inputTab = '/input'
const panelId = 'editor-panel'

/** The editor page: write, run, watch, type, share. */
export function Workbench({
  languages: given,
  problem,
  fork,
  account,
}: {
  languages: readonly Language[]
  /** Why no program can be run now, if so. */
  problem: string | null
  /** The address of a run to start from. */
  fork: string | null
  /** What stands at the right end of every page's header. */
  account: ReactNode
}) {
  const notify = useNotify()
  const onUnkept = useCallback(
    () => notify({ text: 'This browser has no room to keep your draft. It is lost when the page is closed.', tone: 'bad' }),
    [notify],
  )
  const [drafts, changeDrafts] = useDrafts(onUnkept)
  const { state, start, join, stop, type, endInput } = useRun({ onStarted: rememberRun })
  const [view, setView] = useState<'left' | 'right'>('left')
  const [tab, setTab] = useState<string | null>(null)
  /** Counts changes of the draft that were not typed, so that the editor takes them. */
  const [revision, setRevision] = useState(0)

  const languages = useLanguages(given)
  const language = drafts && languageOf(drafts, languages)
  const draft = drafts && language && draftOf(drafts, language)
  const version = draft && language ? versionOf(draft, language) : ''
  // Without an engine nothing is ready, which its banner says; trying all the same is how one finds out that it is back.
  const notReady = language && problem === null ? notReadyYet(language, version) : null
  const phase = phaseOf(state)
  const underWay = isUnderWay(phase)

  const replaceDrafts = useCallback(
    (to: (drafts: Drafts) => Drafts) => {
      changeDrafts(to)
      setRevision((n) => n + 1)
      setTab(null)
    },
    [changeDrafts],
  )
  const edit = useCallback(
    (change: (draft: Draft) => Draft) => {
      if (!language) return
      changeDrafts((all) => withDraft(all, language.id, change(draftOf(all, language))))
    },
    [changeDrafts, language],
  )

  useFork({ fork, drafts, languages, replaceDrafts })
  useEffect(() => {
    const runId = fork === null ? keptRun() : null
    if (!runId) return
    void join(runId).then((found) => {
      if (!found) keepRun(null)
    })
  }, [fork, join])

  const run = useCallback(() => {
    if (!language || !draft || underWay || notReady) return
    setView('right')
    void start(requestOf(language, draft))
  }, [language, draft, underWay, notReady, start])
  useRunKey(run)
  const output = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // What was focused may have gone with the end of the run; the keyboard goes on from here.
    if (phase === 'ended' && document.activeElement === document.body) output.current?.focus({ preventScroll: true })
  }, [phase])

  function toExample() {
    if (!drafts || !language) return
    const before = drafts
    replaceDrafts((all) => withoutDraft(all, language.id))
    notify({ text: 'Back to the example.', action: { label: 'Undo', run: () => replaceDrafts(() => before) } })
  }

  const runId = state.kind === 'following' ? state.run.run_id : null
  const file =
    draft?.files.find((one) => one.path === tab) ?? draft?.files.find((one) => one.path === draft.entry) ?? draft?.files[0]
  const shown = tab === inputTab ? inputTab : (file?.path ?? '')
  const opened = useMemo(
    () =>
      file && language && file.encoding !== 'base64'
        ? { id: `${language.id}/${file.path}`, text: file.content, revision, language: language.editor }
        : null,
    [file, language, revision],
  )

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <SiteHeader
        tools={
          <>
            {language ? (
              <LanguagePicker
                languages={languages}
                value={language.id}
                onChange={(id) => {
                  changeDrafts((all) => ({ ...all, language: id }))
                  setTab(null)
                }}
                version={version}
                onVersion={(version) => edit((before) => ({ ...before, version }))}
              />
            ) : (
              <span className="h-9 w-32 rounded-lg bg-hover" />
            )}
            {language && drafts?.byLanguage[language.id] && (
              <Tip text={`Back to the example: ${language.example.title}`}>
                <Button look="quiet" onClick={toExample} className="max-sm:px-2">
                  <RotateCcw className="size-3.5" aria-hidden />
                  <span className="max-sm:sr-only">Example</span>
                </Button>
              </Tip>
            )}
            <div className="ml-auto flex items-center gap-2">
              <ShareButton
                path={runId && `/r/${runId}`}
                label="Share"
                look="plain"
                disabledReason="Run something first: the link shows a run."
              />
              {underWay ? (
                <Button look="danger" onClick={stop} disabled={phase === 'starting'} className="w-24" data-testid="stop">
                  <Square className="size-3.5 fill-current" aria-hidden />
                  Stop
                </Button>
              ) : (
                <Tip text={<RunKeys />}>
                  <Button look="primary" onClick={run} disabled={!draft || notReady !== null} className="w-24" data-testid="run">
                    <Play className="size-3.5 fill-current" aria-hidden />
                    Run
                  </Button>
                </Tip>
              )}
            </div>
          </>
        }
      >
        {account}
      </SiteHeader>
      <EngineBanner problem={problem} suspect={state.kind === 'refused' && state.refusal.code === 'unavailable'} />
      {language && notReady && <ReadinessNotice name={`${language.name} ${version}`} message={notReady} />}
      <PhoneViews view={view} onSelect={setView} />
      <Split
        view={view}
        left={
          <>
            <div className="flex h-11 shrink-0 items-stretch border-line border-b bg-panel pr-2 pl-1">
              {draft && (
                <TabStrip
                  label="Files"
                  panelId={panelId}
                  active={shown}
                  onSelect={setTab}
                  tabs={[
                    ...draft.files.map(({ path }) => ({ id: path, label: <bdi className="font-mono text-xs">{path}</bdi> })),
                    {
                      id: inputTab,
                      label: (
                        <>
                          Input
                          {(draft.stdin !== '' || draft.args.length > 0) && (
                            <>
                              <span aria-hidden className="ml-1.5 inline-block size-1.5 rounded-full bg-accent align-middle" />
                              <span className="sr-only"> (given)</span>
                            </>
                          )}
                        </>
                      ),
                    },
                  ]}
                />
              )}
            </div>
            <div
              id={panelId}
              role="tabpanel"
              aria-label={shown === inputTab ? 'Input' : shown || 'Editor'}
              className="flex min-h-0 flex-1 flex-col"
            >
              {shown === inputTab && draft ? (
                <InputPanel
                  stdin={draft.stdin}
                  args={draft.args}
                  onChange={(change) => edit((before) => ({ ...before, ...change }))}
                />
              ) : opened ? (
                <CodeEditor
                  document={opened}
                  label="Code"
                  placeholder={<EditorSkeleton />}
                  onChange={(id, text) => {
                    if (id === opened.id && file) edit((before) => withFile(before, file.path, text))
                  }}
                />
              ) : draft ? (
                <p className="bg-panel p-6 text-ink-faint text-sm">A file that is not text. It goes along with every run.</p>
              ) : (
                <EditorSkeleton />
              )}
            </div>
          </>
        }
        right={
          <Console
            transcript={state.kind === 'following' ? state.transcript : emptyTranscript}
            status={<RunStatus state={state} />}
            empty={<EmptyOutput state={state} />}
            output={output}
          >
            {state.kind === 'following' && state.problem && <RefusalNotice refusal={state.problem} />}
            {phase === 'running' && state.kind === 'following' && (
              <InputLine key={state.run.run_id} ended={state.transcript.inputEnded} onType={type} onEnd={endInput} />
            )}
            {state.kind === 'following' && <Findings runId={state.run.run_id} transcript={state.transcript} />}
            {state.kind === 'following' && state.transcript.ending && (
              <VerdictLine ending={state.transcript.ending} limits={state.run.limits} />
            )}
          </Console>
        }
      />
    </div>
  )
}

const rememberRun = (run: RunHead) => keepRun(run.run_id)

/** Takes somebody's run into the editor, once, and cleans the address so that a reload does not do it again. */
function useFork({
  fork,
  drafts,
  languages,
  replaceDrafts,
}: {
  fork: string | null
  drafts: Drafts | null
  languages: readonly Language[]
  replaceDrafts(to: (drafts: Drafts) => Drafts): void
}) {
  const notify = useNotify()
  const taken = useRef(false)
  useEffect(() => {
    if (fork === null || drafts === null || taken.current) return
    taken.current = true
    const before = drafts
    async function take(address: string) {
      const runId = RunId.safeParse(address)
      if (!runId.success) return notify({ text: 'There is no run with this address to fork.', tone: 'bad' })
      try {
        const run = await createApiClient()('getRun', { params: { run_id: runId.data } })
        if (!languages.some((language) => language.id === run.language)) {
          return notify({ text: `This server does not have ${run.language} any more, so the run cannot be forked.`, tone: 'bad' })
        }
        keepRun(null)
        replaceDrafts((all) => withDraft(all, run.language, forkOf(run)))
        const undo = { label: 'Undo', run: () => replaceDrafts(() => before) }
        notify(
          before.byLanguage[run.language]
            ? { text: 'Forked. It took the place of your draft.', action: undo }
            : { text: 'Forked. Change it and run it.' },
        )
      } catch (error) {
        notify({ text: `Could not fork: ${refusalOf(error).message}`, tone: 'bad' })
      }
    }
    void take(fork).then(() => window.history.replaceState(null, '', '/'))
  }, [fork, drafts, languages, notify, replaceDrafts])
}

/** Ctrl+Enter or Cmd+Enter runs, wherever the cursor is. Caught before the editor makes a line of it. */
function useRunKey(run: () => void): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      event.stopPropagation()
      if (!event.repeat) run()
    }
    addEventListener('keydown', onKeyDown, { capture: true })
    return () => removeEventListener('keydown', onKeyDown, { capture: true })
  }, [run])
}

const never = () => () => {}
function RunKeys() {
  const apple = useSyncExternalStore(
    never,
    () => /Mac|iP(hone|ad|od)/.test(navigator.platform),
    () => false,
  )
  return <kbd className="font-sans">{apple ? '⌘' : 'Ctrl'} + Enter</kbd>
}

/** On a narrow screen there is room for one of the two. */
function PhoneViews({ view, onSelect }: { view: 'left' | 'right'; onSelect(view: 'left' | 'right'): void }) {
  return (
    <fieldset className="flex shrink-0 gap-1 border-line border-b bg-panel px-3 py-1.5 md:hidden">
      <legend className="sr-only">What to show</legend>
      {(['left', 'right'] as const).map((side) => (
        <button
          key={side}
          type="button"
          aria-pressed={view === side}
          onClick={() => onSelect(side)}
          className={`h-8 flex-1 rounded-md font-medium text-[0.8125rem] ${view === side ? 'bg-hover text-ink' : 'text-ink-faint'}`}
        >
          {side === 'left' ? 'Code' : 'Output'}
        </button>
      ))}
    </fieldset>
  )
}

function EmptyOutput({ state }: { state: RunState }) {
  const phase = phaseOf(state)
  if (state.kind === 'refused') return <RefusalNotice refusal={state.refusal} />
  if (phase === 'ended') return <p className="px-4 font-sans text-ink-faint text-sm">The program wrote nothing.</p>
  if (phase === 'waiting') {
    return <p className="animate-late px-4 font-sans text-ink-faint text-sm">All sandboxes are busy. Yours is next in line…</p>
  }
  if (phase !== 'none') return null
  return (
    <div className="grid h-full place-items-center p-6 text-center font-sans">
      <div>
        <Ghost className="mx-auto size-14 animate-float text-line-strong" />
        <p className="mt-5 font-medium text-ink-soft text-sm">Nothing has run yet</p>
        <p className="mt-1 max-w-60 text-ink-faint text-sm">
          Press Run and watch the output arrive here. <span className="max-md:hidden">Or use the keyboard: </span>
          <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-sans text-xs max-md:hidden">
            <RunKeys />
          </kbd>
        </p>
      </div>
    </div>
  )
}

function EditorSkeleton() {
  return (
    <div role="status" className="flex-1 space-y-[9px] bg-panel p-4 pl-14">
      <span className="sr-only">Loading the editor</span>
      {['w-1/3', 'w-1/2', 'w-2/5', 'w-3/5', 'w-1/4', 'w-2/5', 'w-1/2'].map((width, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike.
        <div key={i} className={`h-3 animate-late rounded bg-hover ${width}`} />
      ))}
    </div>
  )
}
