'use client'
import type { editor } from 'monaco-editor/editor'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { isDark, useIsDark } from '../ui/theme.tsx'
import { loadMonaco } from './load-monaco.ts'
import type { Monaco } from './monaco.ts'

/** A text in the editor. Another `id` is another text, with undo and cursor of its own; another `revision` replaces it from outside. */
export type Document = { id: string; text: string; revision: number; language: string }

type Mounted = { monaco: Monaco; editor: editor.IStandaloneCodeEditor }

/**
 * Monaco, mounted by hand: the `Editor` of @monaco-editor/react keeps a disposed editor when React runs its effects again, and
 * writes a changed `value` over what was typed meanwhile. Its loader is used.
 */
export function CodeEditor({
  document,
  label,
  readOnly = false,
  placeholder,
  onChange,
}: {
  document: Document
  /** The editor's name for a screen reader. */
  label: string
  readOnly?: boolean
  /** Shown until the editor is there. */
  placeholder: ReactNode
  onChange?(id: string, text: string): void
}) {
  const host = useRef<HTMLDivElement>(null)
  const [mounted, setMounted] = useState<Mounted | null>(null)
  const [failed, setFailed] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const dark = useIsDark()
  const changed = useRef(onChange)
  useEffect(() => {
    changed.current = onChange
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is what it should run again for.
  useEffect(() => {
    let gone = false
    let made: editor.IStandaloneCodeEditor | undefined
    setFailed(false)
    loadMonaco().then(
      (monaco) => {
        if (gone || !host.current) return
        made = monaco.editor.create(host.current, optionsOf(label, readOnly))
        setMounted({ monaco, editor: made })
      },
      (error: unknown) => {
        console.error('The editor could not be loaded', error)
        if (!gone) setFailed(true)
      },
    )
    return () => {
      gone = true
      setMounted(null)
      made?.dispose()
    }
  }, [label, readOnly, attempt])

  useEffect(() => mounted?.monaco.editor.setTheme(dark ? 'bugghost-dark' : 'bugghost-light'), [mounted, dark])

  // One model for each document that was opened, kept for its undo stack and disposed with the editor.
  const models = useRef(
    new Map<string, { model: editor.ITextModel; revision: number; view: editor.ICodeEditorViewState | null }>(),
  )
  useEffect(() => {
    if (!mounted) return
    const kept = models.current
    const listening = mounted.editor.onDidChangeModelContent(() => {
      const model = mounted.editor.getModel()
      for (const [id, entry] of kept) if (entry.model === model) changed.current?.(id, model.getValue())
    })
    return () => {
      listening.dispose()
      for (const { model } of kept.values()) model.dispose()
      kept.clear()
    }
  }, [mounted])

  useEffect(() => {
    if (!mounted) return
    const { monaco, editor } = mounted
    let entry = models.current.get(document.id)
    if (!entry) {
      entry = { model: monaco.editor.createModel(document.text, document.language), revision: document.revision, view: null }
      entry.model.updateOptions({ tabSize: 4, insertSpaces: true })
      entry.model.detectIndentation(true, 4)
      models.current.set(document.id, entry)
    } else if (entry.revision !== document.revision) {
      entry.revision = document.revision
      // As an edit, so that it can be undone.
      entry.model.pushEditOperations([], [{ range: entry.model.getFullModelRange(), text: document.text }], () => null)
    }
    if (editor.getModel() === entry.model) return
    for (const other of models.current.values()) if (other.model === editor.getModel()) other.view = editor.saveViewState()
    editor.setModel(entry.model)
    if (entry.view) editor.restoreViewState(entry.view)
  }, [mounted, document])

  return (
    <div className="relative min-h-0 min-w-0 flex-1 bg-panel" data-testid="editor" data-ready={mounted !== null}>
      {!mounted && <div className="absolute inset-0 overflow-hidden">{placeholder}</div>}
      {failed && (
        <div
          role="alert"
          className="absolute inset-x-0 bottom-0 z-10 flex items-center gap-3 border-line border-t bg-raised px-4 py-3 text-sm"
        >
          <span className="text-ink-soft">The editor could not be loaded. Check your connection.</span>
          <Button size="small" onClick={() => setAttempt((n) => n + 1)}>
            Try again
          </Button>
        </div>
      )}
      <div ref={host} className="absolute inset-0" />
    </div>
  )
}

const optionsOf = (label: string, readOnly: boolean): editor.IStandaloneEditorConstructionOptions => ({
  model: null,
  theme: isDark() ? 'bugghost-dark' : 'bugghost-light',
  ariaLabel: label,
  readOnly,
  domReadOnly: readOnly,
  automaticLayout: true,
  fontFamily: '"JetBrains Mono Variable", ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  fontSize: 13,
  lineHeight: 21,
  fontLigatures: false,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  padding: { top: 12, bottom: 12 },
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 12,
  // The line after the last newline has a number like the others.
  renderFinalNewline: 'on',
  glyphMargin: false,
  folding: true,
  showFoldingControls: 'mouseover',
  renderLineHighlight: readOnly ? 'none' : 'line',
  renderLineHighlightOnlyWhenFocus: true,
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  smoothScrolling: !matchMedia('(prefers-reduced-motion: reduce)').matches,
  stickyScroll: { enabled: false },
  renderControlCharacters: true,
  unicodeHighlight: { bidiControl: true } as never,
  scrollbar: { alwaysConsumeMouseWheel: false, verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
  fixedOverflowWidgets: true,
  tabFocusMode: readOnly,
  accessibilitySupport: 'auto',
})
