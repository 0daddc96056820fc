'use client'
import '../jitless.ts'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Language } from '../../protocol/language.ts'
import type { Mode, RunFile } from '../../protocol/run.ts'
import {
  type Draft,
  type Drafts,
  draftOf,
  exampleDraft,
  languageOf,
  versionOf,
  withDraft,
  withoutDraft,
} from '../drafts/drafts.ts'
import { useDrafts } from '../drafts/use-drafts.ts'
import { useVersions } from '../drafts/use-versions.ts'
import type { EditorHandle } from '../editor/code-editor.tsx'
import { EditorSettings } from '../editor/editor-settings.tsx'
import { loadEditor } from '../editor/load-monaco.ts'
import { type Mark, marksByPath, nextMark } from '../editor/marks.ts'
import { PasteOffer } from '../files/paste-offer.tsx'
import { failedOf } from '../findings/test-runner.ts'
import { ConnectionNotice, meanwhileOf } from '../run/connection-notice.tsx'
import type { Place } from '../run/place.tsx'
import { isUnderWay, phaseOf, type RunHead } from '../run/run-state.ts'
import { useRun } from '../run/use-run.ts'
import { useChoice } from '../ui/kept.ts'
import { type PanelSpec, Panels } from '../ui/panels.tsx'
import { save } from '../ui/save.ts'
import { contentId } from '../ui/site-header.tsx'
import { useNotify } from '../ui/toasts.tsx'
import { keepRun, keptRun } from './current-run.ts'
import { documentId, EditorPane } from './editor-pane.tsx'
import { EngineBanner } from './engine-banner.tsx'
import { FormatButton } from './format-button.tsx'
import { FilesButton, LayoutButton } from './layout-buttons.tsx'
import { OutputPane } from './output-pane.tsx'
import { PhoneViews } from './phone-views.tsx'
import { notReadyYet } from './readiness.ts'
import { ReadinessNotice } from './readiness-notice.tsx'
import { useFork } from './use-fork.ts'
import { useFormat } from './use-format.ts'
import { useIncoming } from './use-incoming.ts'
import { useLanguages } from './use-languages.ts'
import { useStarting } from './use-starting.ts'
import { useWorkbenchActions } from './use-workbench-actions.ts'
import { WorkbenchHeader } from './workbench-header.tsx'

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
  const [drafts, changeDrafts, tabId] = useDrafts(onUnkept)
  const { state, lost, retry, start, join, stop, type, endInput, resize } = useRun({ onStarted: rememberRun })
  const [view, setView] = useState<'files' | 'code' | 'output'>('code')
  const [layout, setLayout] = useChoice('bugghost.layout', ['beside', 'stacked'])
  const [tree, setTree] = useChoice('bugghost.files', ['closed', 'open'])
  const [tab, setTab] = useState<string | null>(null)
  const [optionsOpen, setOptionsOpen] = useState(false)
  const [versionsOpen, setVersionsOpen] = useState(false)
  /** Counts changes of the draft that were not typed, so that the editor takes them. */
  const [revision, setRevision] = useState(0)

  const languages = useLanguages(given)
  const [first] = useState(() => firstOf(given[0]))
  const language = (drafts && languageOf(drafts, languages)) ?? null
  const draft = useMemo(() => drafts && language && draftOf(drafts, language), [drafts, language])
  const { keep: keepVersion, past, ready: pastIsKnown } = useVersions(tabId, language?.id ?? null, draft)
  const version = draft && language ? versionOf(draft, language) : ''
  const framework = language?.versions.find((one) => one.version === version)?.test ?? null
  const choosesTests = language?.versions.find((one) => one.version === version)?.test_select ?? null
  const mode: Mode = framework && draft?.mode === 'test' ? 'test' : 'run'
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
  const choose = useCallback(
    (id: string) => {
      changeDrafts((all) => ({ ...all, language: id }))
      setTab(null)
    },
    [changeDrafts],
  )

  useFork({ fork, drafts, languages, replaceDrafts })
  useEffect(() => {
    const runId = fork === null ? keptRun() : null
    if (!runId) return
    void join(runId).then((found) => {
      if (!found) keepRun(null)
    })
  }, [fork, join])

  const onRun = useCallback(() => setView('output'), [])
  const { run, runTests, raise } = useStarting({
    language,
    draft,
    mode,
    possible: !underWay && !notReady,
    keepVersion,
    edit,
    start,
    onRun,
  })
  const output = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // What was focused may have gone with the end of the run; the keyboard goes on from here.
    if (phase === 'ended' && document.activeElement === document.body) output.current?.focus({ preventScroll: true })
  }, [phase])

  const editor = useRef<EditorHandle>(null)
  const ending = state.kind === 'following' ? state.transcript.ending : null
  const ran = state.kind === 'following' ? state.run.files : noFiles
  // biome-ignore lint/correctness/useExhaustiveDependencies: marks are about the text as it is when they come; the editor follows it from there.
  const marks = useMemo(
    () => (ending && draft ? marksByPath(ending, ran, draft.files) : noMarks),
    [ending, ran, draft === null, language?.id],
  )
  const goTo = useCallback(({ path, line, column }: Place) => {
    setView('code')
    setTab(path)
    editor.current?.reveal(line, column)
  }, [])
  const stepMark = (step: 1 | -1) => {
    const paths = draft?.files.map(({ path }) => path) ?? []
    const from = { path: tab ?? draft?.entry ?? '', ...(editor.current?.position() ?? { line: 0 }) }
    const mark = nextMark([...marks.values()].flat(), paths, from, step)
    if (mark) goTo(mark)
  }

  const toExample = useCallback(() => {
    if (!drafts || !language) return
    const before = drafts
    keepVersion(draftOf(drafts, language), 'replaced')
    replaceDrafts((all) => withoutDraft(all, language.id))
    notify({ text: 'Back to the example.', action: { label: 'Undo', run: () => replaceDrafts(() => before) } })
  }, [drafts, language, replaceDrafts, notify, keepVersion])

  const refuse = useCallback((why: string) => notify({ text: why, tone: 'bad' }), [notify])
  /** Another draft, which one can go back from. */
  const replace = useCallback(
    (id: string, to: Draft, what: string | null) => {
      if (!drafts) return
      const before = drafts
      if (what && draft && id === language?.id) keepVersion(draft, 'replaced')
      replaceDrafts((all) => withDraft(all, id, to))
      if (what) notify({ text: what, action: { label: 'Undo', run: () => replaceDrafts(() => before) } })
    },
    [drafts, draft, language, replaceDrafts, notify, keepVersion],
  )
  const incoming = useIncoming({ languages, language, draft, onDraft: replace, onRefused: refuse })
  const active = draft?.files.some(({ path }) => path === tab) ? (tab ?? '') : (draft?.entry ?? '')
  const onFormatted = useCallback(
    (path: string, before: string, content: string) => {
      // What was typed meanwhile is newer than what was formatted.
      const change = (one: RunFile) => (one.path === path && one.content === before ? { ...one, content } : one)
      edit((draft) => ({ ...draft, files: draft.files.map(change) }))
      setRevision((n) => n + 1)
    },
    [edit],
  )
  const shown = draft?.files.find(({ path }) => path === active) ?? null
  const format = useFormat({ file: shown, language, version, onFormatted, onPlace: goTo })
  // Who saves out of habit is told that nothing is lost.
  const onSaved = () => notify({ text: `${active} is kept as you type. ${format.unavailable}` })
  const download = async () => {
    const { zipOf } = await import('../files/zip.ts')
    if (draft) save('bugghost.zip', 'application/zip', await zipOf(draft.files))
  }

  const runId = state.kind === 'following' ? state.run.run_id : null
  useWorkbenchActions({
    languages,
    language,
    draft,
    framework,
    mode,
    layout,
    underWay,
    runId,
    failedTests: choosesTests && ending?.tests ? failedOf(ending.tests.tests, { many: choosesTests === 'many' }) : [],
    runTests,
    run,
    stop,
    choose,
    openFile: setTab,
    edit,
    toExample,
    format,
    onSaved,
    setLayout,
    tree,
    setTree,
    download,
    marks: marks.size,
    stepMark,
    showVersions: () => setVersionsOpen(true),
    toggleOptions: () => setOptionsOpen((open) => !open),
    focusOutput: () => {
      setView('output')
      output.current?.focus()
    },
  })

  // The same as long as they show the same: what is above the code is not drawn again while a program runs.
  const onVersion = useCallback((version: string) => edit((before) => ({ ...before, version })), [edit])
  const filesButton = useMemo(
    () => <FilesButton open={tree === 'open'} onToggle={() => setTree(tree === 'open' ? 'closed' : 'open')} />,
    [tree, setTree],
  )
  const { by, unavailable, underWay: isFormatting, start: startFormat } = format
  const tools = useMemo(
    () => (
      <>
        <FormatButton by={by} unavailable={unavailable} underWay={isFormatting} start={startFormat} />
        <EditorSettings />
        <LayoutButton layout={layout} onChange={setLayout} />
      </>
    ),
    [layout, setLayout, by, unavailable, isFormatting, startFormat],
  )

  const files: PanelSpec[] =
    tree === 'open' && draft && language
      ? [
          {
            id: 'files',
            size: 28,
            least: 15,
            hiddenOnPhone: view !== 'files',
            content: (
              <Suspense fallback={null}>
                <FileTree
                  list={draft}
                  active={active}
                  newFile={`untitled${language.extensions[0]}`}
                  onShow={setTab}
                  onOpen={(path) => {
                    setTab(path)
                    setView('code')
                  }}
                  onChange={(list, what) => replace(language.id, { ...draft, files: [...list.files], entry: list.entry }, what)}
                  onUpload={incoming.upload}
                  onDownload={download}
                  onRefused={refuse}
                />
              </Suspense>
            ),
          },
        ]
      : []
  const code: PanelSpec = {
    id: 'code',
    size: files.length > 0 ? 72 : 100,
    least: 30,
    hiddenOnPhone: view !== 'code',
    content: (
      <EditorPane
        language={language}
        draft={draft}
        first={first}
        revision={revision}
        tab={tab}
        onTab={setTab}
        optionsOpen={optionsOpen}
        onOptions={setOptionsOpen}
        onEdit={edit}
        marks={marks}
        handle={editor}
        onSave={format.unavailable ? onSaved : format.start}
        past={pastIsKnown ? past : null}
        start={filesButton}
        tools={tools}
      />
    ),
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col" {...incoming.handlers}>
      <WorkbenchHeader
        languages={languages}
        language={language}
        version={version}
        onLanguage={choose}
        onVersion={onVersion}
        onExample={language && drafts?.byLanguage[language.id] ? toExample : null}
        runId={runId}
        runButtons={{
          mode,
          framework,
          onMode: (mode) => edit((before) => ({ ...before, mode })),
          disabled: !draft || notReady !== null,
          underWay,
          stoppable: phase !== 'starting',
          onRun: run,
          onStop: stop,
        }}
        account={account}
      />
      <ConnectionNotice lost={lost} meanwhile={meanwhileOf[underWay ? 'running' : 'idle']} onRetry={retry} />
      <EngineBanner problem={problem} suspect={state.kind === 'refused' && state.refusal.code === 'unavailable'} />
      {language && notReady && <ReadinessNotice name={`${language.name} ${version}`} message={notReady} />}
      {incoming.pasted && (
        <PasteOffer
          pasted={incoming.pasted}
          nameOf={(id) => languages.find((one) => one.id === id)?.name ?? id}
          onAccept={incoming.accept}
          onDismiss={incoming.dismiss}
        />
      )}
      {versionsOpen && language && draft && (
        <Suspense>
          <VersionsDialog
            language={language.id}
            editorLanguage={language.editor}
            draft={draft}
            tab={tabId}
            onRestore={({ files, entry }) => {
              setVersionsOpen(false)
              replace(language.id, { ...draft, files, entry }, 'Back to the earlier version.')
            }}
            onClose={() => setVersionsOpen(false)}
          />
        </Suspense>
      )}
      {incoming.over && (
        <p className="pointer-events-none absolute inset-3 z-40 grid place-items-center rounded-xl border-2 border-accent border-dashed bg-canvas/85 font-medium text-accent">
          Drop files, folders or a zip
        </p>
      )}
      <div id={contentId} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        <PhoneViews
          view={view}
          onSelect={(view) => {
            if (view === 'files') setTree('open')
            setView(view)
          }}
        />
        <Panels
          id="workbench"
          orientation={layout === 'beside' ? 'horizontal' : 'vertical'}
          panels={[
            {
              id: 'work',
              size: 56,
              least: 30,
              hiddenOnPhone: view === 'output',
              content: <Panels id="work" orientation="horizontal" panels={[...files, code]} />,
            },
            {
              id: 'output',
              size: 44,
              least: 20,
              hiddenOnPhone: view !== 'output',
              content: (
                <OutputPane
                  state={state}
                  output={output}
                  onType={type}
                  onEndInput={endInput}
                  onResize={resize}
                  onPlace={goTo}
                  onRaise={raise}
                  onAgain={run}
                  tests={choosesTests && { many: choosesTests === 'many', run: runTests }}
                />
              ),
            },
          ]}
        />
      </div>
    </div>
  )
}

const VersionsDialog = lazy(() => import('../drafts/versions-dialog.tsx'))
const FileTree = lazy(() => import('../files/file-tree.tsx'))

// The editor is what a person waits for: it is asked for when this file is read, not only when the page has come to life. Should it fail
// to come, the editor itself asks again and says so.
if (typeof window !== 'undefined') loadEditor().catch(() => {})
/** What somebody who has written nothing here finds in the editor. */
function firstOf(language: Language | undefined) {
  if (!language) return undefined
  const { entry, files } = exampleDraft(language)
  return { id: documentId(language, entry), text: files[0]?.content ?? '', language: language.editor }
}
const noFiles: readonly RunFile[] = []
const noMarks: ReadonlyMap<string, readonly Mark[]> = new Map()
const rememberRun = (run: RunHead) => keepRun(run.run_id)
