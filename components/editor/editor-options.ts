import type { editor } from 'monaco-editor/editor'
import type { Monaco } from './monaco.ts'

/** Where a text of the page's `number`th editor lies, as the compiler sees it. */
export const modelUri = (monaco: Monaco, number: number, id: string) =>
  monaco.Uri.from({ scheme: 'file', path: `/${number}/${id}` })

export const editorOptions = (label: string, readOnly: boolean, theme: string): editor.IStandaloneEditorConstructionOptions => ({
  model: null,
  theme,
  ariaLabel: label,
  readOnly,
  domReadOnly: readOnly,
  readOnlyMessage: { value: 'A run stays as it was. Fork it to change the code.' },
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
