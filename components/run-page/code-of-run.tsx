'use client'
import { type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import type { RunFile } from '../../protocol/run.ts'
import { CodeEditor, type EditorHandle } from '../editor/code-editor.tsx'
import type { Mark } from '../editor/marks.ts'
import { PlainCode } from '../editor/plain-code.tsx'
import type { Place } from '../run/place.tsx'
import { TabStrip } from '../ui/tab-strip.tsx'

const panelId = 'files-panel'
const none: readonly Mark[] = []

export type CodeHandle = { go(place: Place): void }

/** The files of a run, to be read, with what the run said about their lines. */
export function CodeOfRun({
  files,
  entry,
  editorLanguage,
  marks,
  handle,
  onLine,
}: {
  files: readonly RunFile[]
  entry: string
  editorLanguage: string
  marks: ReadonlyMap<string, readonly Mark[]>
  handle: Ref<CodeHandle>
  /** Somebody pressed the number of a line. */
  onLine(path: string, line: number): void
}) {
  const [path, setPath] = useState(files.some((file) => file.path === entry) ? entry : (files[0]?.path ?? ''))
  const editor = useRef<EditorHandle>(null)
  const file = files.find((one) => one.path === path)
  const text = file && file.encoding !== 'base64' ? file.content : null
  // Read first, coloured after: the editor is large, and the text is there without it.
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    if (!('requestIdleCallback' in window)) return setIdle(true)
    const asked = requestIdleCallback(() => setIdle(true), { timeout: 2000 })
    return () => cancelIdleCallback(asked)
  }, [])
  const document = useMemo(
    () => ({ id: path, text: text ?? '', revision: 0, language: editorLanguage }),
    [path, text, editorLanguage],
  )

  /** Where to go once the editor is there. */
  const [place, setPlace] = useState<Place | null>(null)
  useImperativeHandle(handle, () => ({
    go(to) {
      if (!files.some((one) => one.path === to.path)) return
      setPath(to.path)
      setPlace({ ...to })
    },
  }))
  useEffect(() => {
    if (place && idle && place.path === path) editor.current?.reveal(place.line, place.column)
  }, [place, idle, path])

  return (
    <section aria-label="Code of this run" className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-11 shrink-0 border-line border-b pl-1">
        <TabStrip
          label="Files"
          panelId={panelId}
          active={path}
          onSelect={setPath}
          tabs={files.map((one) => ({ id: one.path, label: <bdi className="font-mono text-xs">{one.path}</bdi> }))}
        />
      </div>
      <div id={panelId} role="tabpanel" aria-label={path} className="flex min-h-0 flex-1 flex-col">
        {text === null ? (
          <p className="p-6 text-ink-faint text-sm">A file that is not text. The raw JSON has it as base64.</p>
        ) : idle ? (
          <CodeEditor
            document={document}
            label="Code"
            readOnly
            placeholder={<PlainCode text={text} />}
            marks={marks.get(path) ?? none}
            handle={editor}
            onLine={(line) => onLine(path, line)}
          />
        ) : (
          <PlainCode text={text} />
        )}
      </div>
    </section>
  )
}
