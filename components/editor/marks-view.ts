import type { editor, IDisposable } from 'monaco-editor/editor'
import { type Mark, spanOf } from './marks.ts'
import type { Monaco } from './monaco.ts'

const owner = 'run'

/**
 * Shows marks in an editor: a squiggle with the message on hover, and the first message of a line behind the line. A mark goes when
 * somebody edits its line: it was about the code that ran.
 */
export function createMarksView(
  monaco: Monaco,
  code: editor.IStandaloneCodeEditor,
): IDisposable & { show(marks: readonly Mark[]): void } {
  const decorations = code.createDecorationsCollection()
  /** What is left of the marks of each text, and of which marks that is. */
  const left = new WeakMap<editor.ITextModel, { of: readonly Mark[]; marks: Mark[] }>()
  let shown: Mark[] = []

  function draw() {
    const model = code.getModel()
    if (!model) return
    const inside = shown.filter(({ line }) => line <= model.getLineCount())
    monaco.editor.setModelMarkers(
      model,
      owner,
      inside
        .filter(({ kind }) => kind !== 'stuck')
        .map((mark) => {
          const { start, end } = spanOf(mark, model.getLineContent(mark.line))
          return {
            startLineNumber: mark.line,
            endLineNumber: mark.line,
            startColumn: start,
            endColumn: end,
            message: mark.message,
            severity: monaco.MarkerSeverity[mark.kind === 'error' ? 'Error' : mark.kind === 'warning' ? 'Warning' : 'Info'],
          }
        }),
    )
    const lines = new Set<number>()
    decorations.set(
      inside
        .filter(({ line }) => !lines.has(line) && lines.add(line))
        .map((mark) => ({
          range: new monaco.Range(mark.line, 1, mark.line, model.getLineMaxColumn(mark.line)),
          options: {
            isWholeLine: true,
            className: `marked-line marked-${mark.kind}`,
            linesDecorationsClassName: `mark-sign mark-sign-${mark.kind}`,
            after: { content: `   ${firstLine(mark.message)}`, inlineClassName: `mark-text mark-text-${mark.kind}` },
            hoverMessage: mark.kind === 'stuck' ? { value: mark.message } : null,
          },
        })),
    )
  }

  const editing = code.onDidChangeModelContent(({ changes, isFlush }) => {
    if (shown.length === 0) return
    const before = shown
    shown = isFlush
      ? []
      : shown.flatMap((mark) => {
          let line = mark.line
          // The changes are given from the last one in the text to the first, each in lines of before.
          for (const { range, text } of changes) {
            if (
              range.startLineNumber <= mark.line &&
              mark.line <= range.endLineNumber &&
              !isLineBreakAfter(range, text, mark.line)
            )
              return []
            if (range.endLineNumber < mark.line || isLineBreakAfter(range, text, mark.line)) {
              line += text.split('\n').length - 1 - (range.endLineNumber - range.startLineNumber)
            }
          }
          return [{ ...mark, line }]
        })
    const model = code.getModel()
    const known = model && left.get(model)
    if (known) known.marks = shown
    if (shown.length !== before.length || shown.some((mark, at) => mark.line !== before[at]?.line)) draw()
  })

  return {
    show(marks) {
      const model = code.getModel()
      if (!model) return
      const known = left.get(model)
      // The same marks again, after another text was shown: what was edited since is still edited.
      shown = known?.of === marks ? known.marks : [...marks]
      left.set(model, { of: marks, marks: shown })
      draw()
    },
    dispose() {
      editing.dispose()
      decorations.clear()
    },
  }
}

/** A line that is put in above, at the very start of the marked one, moves it and leaves it as it is. */
const isLineBreakAfter = (
  range: { startLineNumber: number; endLineNumber: number; endColumn: number },
  text: string,
  line: number,
) => range.endLineNumber === line && range.endColumn === 1 && (range.startLineNumber < line || text.endsWith('\n'))

const firstLine = (text: string) => {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
