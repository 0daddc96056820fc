'use client'
import type { editor, Selection } from 'monaco-editor/editor'
import {
  type ReactNode,
  type Ref,
  useDeferredValue,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { Button } from '../ui/button.tsx'
import { editorOptions, modelUri } from './editor-options.ts'
import { editorTheme } from './editor-theme.ts'
import type { FirstText } from './first-editor.ts'
import { keymapNames, keysOf } from './keymaps.ts'
import { type EditorCode, editorCode, loadEditor } from './load-monaco.ts'
import type { Mark } from './marks.ts'
import { createMarksView } from './marks-view.ts'
import type { Monaco } from './monaco.ts'
import { useEditorSettings } from './settings.ts'
import { editsBetween } from './text-edits.ts'
import { useEditorTheme } from './use-editor-theme.ts'

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

type Mounted = { code: EditorCode; monaco: Monaco; editor: editor.IStandaloneCodeEditor; first: string | null }

/**
 * Monaco, mounted by hand: the `Editor` of @monaco-editor/react keeps a disposed editor when React runs its effects again, and
 * writes a changed `value` over what was typed meanwhile. Its loader is used.
 */
export function CodeEditor({
  document,
  first,
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
  /** Null while it is not known yet. */
  document: Document | null
  /** What a new visitor's text is, so that the editor can begin before the page has come to life. Of one editor of a page. */
  first?: Omit<FirstText, 'label'>
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

  // One model for each document that was opened, kept for its undo stack and disposed with the editor.
  const models = useRef(
    new Map<string, { model: editor.ITextModel; revision: number; view: editor.ICodeEditorViewState | null }>(),
  )
  // Before the paint: an editor that has begun already must not be away for a moment.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is what it should run again for.
  useLayoutEffect(() => {
    let gone = false
    let made: editor.IStandaloneCodeEditor | undefined
    const mount = (code: EditorCode) => {
      const place = host.current
      if (gone || !place) return
      const begun = code.takeFirst(place)
      made = begun?.editor ?? code.monaco.editor.create(place, editorOptions(label, readOnly, editorTheme()))
      if (begun?.document) models.current.set(begun.document.id, { model: begun.document.model, revision: 0, view: null })
      setMounted({ code, monaco: code.monaco, editor: made, first: begun?.document?.id ?? null })
    }
    setFailed(false)
    const there = editorCode()
    if (there) mount(there)
    else {
      loadEditor().then(mount, (error: unknown) => {
        console.error('The editor could not be loaded', error)
        if (!gone) setFailed(true)
      })
    }
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
    mounted.code.attachKeymap(keymap, mounted.editor, { status, onSave: () => saved.current?.() }).then(
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
    if (!mounted || !document) return
    const { monaco, editor } = mounted
    let entry = models.current.get(document.id)
    if (entry && mounted.first === document.id) {
      mounted.first = null
      // What was written before the page listened is as good as what is written now.
      const written = entry.model.getValue()
      if (entry.revision === document.revision && written !== document.text) return changed.current?.(document.id, written)
    }
    if (!entry) {
      const uri = modelUri(monaco, number, document.id)
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

  const compiled = document?.language === 'typescript' || document?.language === 'javascript'
  useEffect(() => {
    if (!mounted || readOnly || !compiled) return
    let late = false
    // The editor itself first: the compiler is as large again.
    const asked = setTimeout(async () => {
      if (late) return
      const others = siblings.filter(({ id }) => !models.current.has(id))
      await mounted.code.setFiles(others.map(({ id, text }) => ({ uri: modelUri(mounted.monaco, number, id).toString(), text })))
    }, 300)
    return () => {
      late = true
      clearTimeout(asked)
    }
  }, [mounted, compiled, siblings, readOnly, number])

  // In the moment in which a run starts or ends there is more to show than these.
  const wantedMarks = useMemo(() => ({ of: document?.id, marks }), [document?.id, marks])
  const laterMarks = useDeferredValue(wantedMarks)
  const shownMarks = laterMarks.of === document?.id ? laterMarks.marks : none
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
  useEffect(() => view.current?.show(shownMarks), [shownMarks, mounted, document?.id])

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
  }, [mounted, wanted, document?.id])
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
    <div
      className="flex min-h-0 min-w-0 flex-1 flex-col bg-panel"
      data-testid="editor"
      data-ready={mounted !== null && document !== null}
    >
      <div className="relative min-h-0 flex-1">
        {!(mounted && document) && <div className="absolute inset-0 overflow-hidden">{placeholder}</div>}
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
        <div
          ref={host}
          className="absolute inset-0"
          data-own-keys={ownKeys ? keysOf[keymap] : undefined}
          data-first-text={first && JSON.stringify({ label, ...first } satisfies FirstText)}
          // What is inside is the editor's, and may be there before React is.
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: an empty text, which tells React that nothing inside is its own.
          dangerouslySetInnerHTML={nothingInside}
        />
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

const nothingInside = { __html: '' }
const none: readonly Mark[] = []
const alone: readonly Sibling[] = []
