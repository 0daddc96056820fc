'use client'
import { memo, type ReactNode, type Ref, useMemo } from 'react'
import type { Language } from '../../protocol/language.ts'
import { type Draft, withFile } from '../drafts/drafts.ts'
import { CodeEditor, type EditorHandle } from '../editor/code-editor.tsx'
import type { Mark } from '../editor/marks.ts'
import { TabStrip } from '../ui/tab-strip.tsx'
import { OptionsBar } from './options-bar.tsx'
import { OptionsDrawer } from './options-drawer.tsx'

const panelId = 'editor-panel'
/** A file of a language's draft, as the editor knows it. */
export const documentId = (language: Language, path: string): string => `${language.id}/${path}`

/** The code somebody writes, and what goes along with it. What a run does is nothing to it, and must not cost it anything. */
export const EditorPane = memo(function EditorPane({
  language,
  draft,
  first,
  revision,
  tab,
  onTab,
  optionsOpen,
  onOptions,
  onEdit,
  marks,
  handle,
  onSave,
  past,
  start,
  tools,
}: {
  /** Null until the drafts of this browser are read. */
  language: Language | null
  draft: Draft | null
  /** What is in the editor of somebody who has written nothing here. */
  first?: { id: string; text: string; language: string }
  /** Changes with the draft where it was not typed. */
  revision: number
  /** The path of the file to show; the one that starts if there is none such. */
  tab: string | null
  onTab(path: string): void
  optionsOpen: boolean
  onOptions(open: boolean): void
  onEdit(change: (draft: Draft) => Draft): void
  /** What the last run said about the files, by path. */
  marks: ReadonlyMap<string, readonly Mark[]>
  handle: Ref<EditorHandle>
  /** Somebody saved by the keys of vim or emacs. */
  onSave(): void
  /** What a file was before; null while that is not known yet. */
  past: ((path: string, now: string) => readonly string[]) | null
  /** At the left end of the row of files. */
  start?: ReactNode
  /** At the right end of the row of files. */
  tools?: ReactNode
}) {
  const file =
    draft?.files.find((one) => one.path === tab) ?? draft?.files.find((one) => one.path === draft.entry) ?? draft?.files[0]
  const shown = file?.path ?? ''
  const opened = useMemo(
    () =>
      file && language && past && file.encoding !== 'base64'
        ? {
            id: documentId(language, file.path),
            text: file.content,
            revision,
            language: language.editor,
            past: past(file.path, file.content),
          }
        : null,
    [file, language, revision, past],
  )
  const siblings = useMemo(
    () =>
      (draft?.files ?? [])
        .filter((one) => one.path !== shown && one.encoding !== 'base64')
        .flatMap((one) => (language ? [{ id: documentId(language, one.path), text: one.content }] : [])),
    [draft?.files, shown, language],
  )

  return (
    <>
      <div className="flex h-11 shrink-0 items-center border-line border-b bg-panel pr-2 pl-1">
        {start}
        {draft && (
          <TabStrip
            label="Files"
            panelId={panelId}
            active={shown}
            onSelect={onTab}
            className="flex-1"
            tabs={draft.files.map(({ path }) => ({ id: path, label: <bdi className="font-mono text-xs">{path}</bdi> }))}
          />
        )}
        {tools}
      </div>
      <div id={panelId} role="tabpanel" aria-label={shown || 'Editor'} className="flex min-h-0 flex-1 flex-col">
        {file?.encoding === 'base64' ? (
          <p className="flex-1 bg-panel p-6 text-ink-faint text-sm">A file that is not text. It goes along with every run.</p>
        ) : (
          <CodeEditor
            document={opened}
            first={first}
            label="Code"
            marks={marks.get(shown)}
            handle={handle}
            onSave={onSave}
            siblings={siblings}
            placeholder={<EditorSkeleton />}
            onChange={(id, text) => {
              if (id === opened?.id && file) onEdit((before) => withFile(before, file.path, text))
            }}
          />
        )}
      </div>
      {draft && language && (
        <>
          {optionsOpen && <OptionsDrawer draft={draft} language={language} onChange={(to) => onEdit(() => to)} />}
          <OptionsBar
            draft={draft}
            language={language}
            open={optionsOpen}
            onOpen={onOptions}
            onChange={(to) => onEdit(() => to)}
          />
        </>
      )}
    </>
  )
})

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
