'use client'
import type { editor, Selection } from 'monaco-editor/editor'
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { editorTheme, useEditorTheme } from './editor-theme.ts'
import { attachKeymap, keymapNames, keysOf } from './keymap.ts'
import { loadLanguageHelp, loadMonaco } from './load-monaco.ts'
import type { Mark } from './marks.ts'
import { createMarksView } from './marks-view.ts'
import type { Monaco } from './monaco.ts'
import { useEditorSettings } from './settings.ts'
import { editsBetween } from './text-edits.ts'

/** A text in the editor. Another `id` is another text, with undo and cursor of its own; another `revision` replaces it from outside. */
export type Document = {
  id: string
  text: string
  revision: number
  language: string
  /** What the text was before, oldest first: one can go back through it although the page was reloaded. */
  past?: readonly string[]
}
/** A file beside the one that is open, for what the compiler has to know of it. `id` as in `Document`. */
export type Sibling = { id: string; text: string }

/** Of all editors that were ever made on this page: texts of two of them may have the same name. */
let editors = 0

/** What a page can ask of the editor. */
export type EditorHandle = {
  focus(): void
  /** Puts the cursor there and the line in view. From 1; columns in characters. */
  reveal(line: number, column?: number): void
  /** Where the cursor is. */
  position(): { line: number; column: number } | null
}

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
  marks = none,
  siblings = alone,
  handle,
  onChange,
  onLine,
  onSave,
}: {
  document: Document
  /** The editor's name for a screen reader. */
  label: string
  readOnly?: boolean
  /** Shown until the editor is there. */
  placeholder: ReactNode
  /** What the last run said about this text. */
  marks?: readonly Mark[]
  siblings?: readonly Sibling[]
  handle?: Ref<EditorHandle>
  onChange?(id: string, text: string): void
  /** Somebody pressed the number of a line. */
  onLine?(line: number): void
  /** Somebody saved, as vim and emacs call it. */
  onSave?(): void
}) {
  const host = useRef<HTMLDivElement>(null)
  const [mounted, setMounted] = useState<Mounted | null>(null)
  const [failed, setFailed] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const [number] = useState(() => ++editors)
  const theme = useEditorTheme()
  const { keymap, textSize, lines } = useEditorSettings()
  const changed = useRef(onChange)
  const pressed = useRef(onLine)
  const saved = useRef(onSave)
  useEffect(() => {
    changed.current = onChange
    pressed.current = onLine
    saved.current = onSave
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

  useEffect(() => mounted?.monaco.editor.setTheme(theme), [mounted, theme])
  useEffect(() => {
    const fontSize = Number(textSize)
    mounted?.editor.updateOptions({ fontSize, lineHeight: Math.round(fontSize * 1.6), wordWrap: lines === 'wrap' ? 'on' : 'off' })
  }, [mounted, textSize, lines])

  const keymapStatus = useRef<HTMLDivElement>(null)
  const ownKeys = !readOnly && keymap !== 'standard'
  useEffect(() => {
    const status = keymapStatus.current
    if (!mounted || !ownKeys || !status) return
    let late = false
    let attached: { dispose(): void } | undefined
    attachKeymap(keymap, mounted.editor, { status, onSave: () => saved.current?.() }).then(
      (made) => {
        if (late) made.dispose()
        else attached = made
      },
      (error: unknown) => {
        console.error('The key bindings could not be loaded', error)
        status.textContent = 'The key bindings could not be loaded. Check your connection, then choose them again.'
      },
    )
    return () => {
      late = true
      attached?.dispose()
      status.replaceChildren()
    }
  }, [mounted, keymap, ownKeys])

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
      const uri = uriOf(monaco, number, document.id)
      const [oldest = document.text, ...later] = [...(document.past ?? []), document.text]
      entry = { model: monaco.editor.createModel(oldest, document.language, uri), revision: document.revision, view: null }
      for (const text of later) {
        entry.model.pushStackElement()
        entry.model.pushEditOperations([], [{ range: entry.model.getFullModelRange(), text }], () => null)
        entry.model.pushStackElement()
      }
      entry.model.updateOptions({ tabSize: 4, insertSpaces: true })
      entry.model.detectIndentation(true, 4)
      models.current.set(document.id, entry)
    } else if (entry.revision !== document.revision) {
      entry.revision = document.revision
      replaceText(entry.model, document.text, editor.getModel() === entry.model ? editor.getSelections() : null)
    }
    if (editor.getModel() === entry.model) return
    for (const other of models.current.values()) if (other.model === editor.getModel()) other.view = editor.saveViewState()
    editor.setModel(entry.model)
    if (entry.view) editor.restoreViewState(entry.view)
  }, [mounted, document, number])

  useEffect(() => {
    if (!mounted || readOnly) return
    let late = false
    // The editor itself first: the compiler is as large again.
    const asked = setTimeout(async () => {
      const help = await loadLanguageHelp(document.language)?.catch((error: unknown) => {
        console.error('Language help could not be loaded', error)
      })
      if (!help || late) return
      const others = siblings.filter(({ id }) => !models.current.has(id))
      await help.setFiles(others.map(({ id, text }) => ({ uri: uriOf(mounted.monaco, number, id).toString(), text })))
    }, 300)
    return () => {
      late = true
      clearTimeout(asked)
    }
  }, [mounted, document.language, siblings, readOnly, number])

  const view = useRef<ReturnType<typeof createMarksView> | null>(null)
  useEffect(() => {
    if (!mounted) return
    const made = createMarksView(mounted.monaco, mounted.editor)
    view.current = made
    return () => {
      view.current = null
      made.dispose()
    }
  }, [mounted])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has marks of its own.
  useEffect(() => view.current?.show(marks), [marks, mounted, document.id])

  useEffect(() => {
    if (!mounted) return
    const { MouseTargetType } = mounted.monaco.editor
    const listening = mounted.editor.onMouseDown(({ target }) => {
      if (target.type === MouseTargetType.GUTTER_LINE_NUMBERS && target.position) pressed.current?.(target.position.lineNumber)
    })
    return () => listening.dispose()
  }, [mounted])

  /** Where somebody wants to go, perhaps before the editor is there, perhaps together with another file. */
  const [wanted, setWanted] = useState<{ line: number; column: number } | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a place may be in another text, which the effect above has opened.
  useEffect(() => {
    const model = mounted?.editor.getModel()
    if (!mounted || !wanted || !model) return
    setWanted(null)
    const at = Math.min(wanted.line, model.getLineCount())
    const before = [...model.getLineContent(at)].slice(0, wanted.column - 1).join('')
    mounted.editor.setPosition({ lineNumber: at, column: before.length + 1 })
    mounted.editor.revealLineInCenterIfOutsideViewport(at)
    mounted.editor.focus()
  }, [mounted, wanted, document.id])
  useImperativeHandle(
    handle,
    () => ({
      focus: () => mounted?.editor.focus(),
      reveal: (line, column = 1) => setWanted({ line, column }),
      position() {
        const at = mounted?.editor.getPosition()
        return at ? { line: at.lineNumber, column: at.column } : null
      },
    }),
    [mounted],
  )

  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col bg-panel" data-testid="editor" data-ready={mounted !== null}>
      <div className="relative min-h-0 flex-1">
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
        <div ref={host} className="absolute inset-0" data-own-keys={ownKeys ? keysOf[keymap] : undefined} />
      </div>
      {ownKeys && (
        <div
          // What one of them did to it is not for the next.
          key={keymap}
          ref={keymapStatus}
          role="status"
          aria-label={`${keymapNames[keymap]} status`}
          className="min-h-6 shrink-0 border-line border-t px-4 py-0.5 font-mono text-ink-soft text-xs leading-5 [&_input]:bg-transparent [&_input]:outline-none"
        />
      )}
    </div>
  )
}

/** As one edit that can be undone, of only what differs: a cursor elsewhere stays where it is. */
function replaceText(model: editor.ITextModel, text: string, selections: Selection[] | null): void {
  const edits = editsBetween(model.getLinesContent(), text.split(/\r\n|\r|\n/)).map(({ from, to, text }) => ({
    range: { startLineNumber: from.line, startColumn: from.column, endLineNumber: to.line, endColumn: to.column },
    text,
  }))
  if (edits.length === 0) return
  model.pushStackElement()
  model.pushEditOperations(selections, edits, () => null)
  model.pushStackElement()
}

const none: readonly Mark[] = []
const alone: readonly Sibling[] = []
const uriOf = (monaco: Monaco, number: number, id: string) => monaco.Uri.from({ scheme: 'file', path: `/${number}/${id}` })

const optionsOf = (label: string, readOnly: boolean): editor.IStandaloneEditorConstructionOptions => ({
  model: null,
  theme: editorTheme(),
  ariaLabel: label,
  readOnly,
  domReadOnly: readOnly,
  readOnlyMessage: { value: 'A run stays as it was. Fork it to change the code.' },
  automaticLayout: true,
  fontFamily: '"JetBrains Mono Variable", ui-monospace, "SF Mono", Menlo, Consolas, monospace',
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
