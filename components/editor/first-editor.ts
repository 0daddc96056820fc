import type { editor } from 'monaco-editor/editor'
import { editorOptions, modelUri } from './editor-options.ts'
import { editorTheme } from './editor-theme.ts'
import type { Monaco } from './monaco.ts'

// The editor page's HTML has a place for the editor, and the text a new visitor finds there. Both are enough to begin: the editor stands,
// and can be written in, while the rest of the page is still being fetched. The page's own component then takes it over as it is.

/** What the HTML says of the place. Written by CodeEditor, read here. */
export type FirstText = { label: string; id: string; text: string; language: string }

export type FirstEditor = {
  editor: editor.IStandaloneCodeEditor
  /** The text a new visitor finds; null for somebody who has written here before, whose text the page knows. */
  document: { id: string; model: editor.ITextModel } | null
}

let first: (FirstEditor & { host: Element }) | null = null

export function openFirst(monaco: Monaco): void {
  const host = document.querySelector<HTMLElement>('[data-first-text]')
  if (document.readyState === 'loading' && !host) {
    document.addEventListener('DOMContentLoaded', () => openFirst(monaco), { once: true })
    return
  }
  // A place that has an editor is one the page was quicker at.
  if (!host || host.firstChild) return
  const { label, id, text, language } = JSON.parse(host.dataset.firstText ?? '') as FirstText
  const made = monaco.editor.create(host, editorOptions(label, false, editorTheme()))
  const model =
    keepsDrafts() || location.search !== '' ? null : monaco.editor.createModel(text, language, modelUri(monaco, 1, id))
  model?.updateOptions({ tabSize: 4, insertSpaces: true })
  model?.detectIndentation(true, 4)
  made.setModel(model)
  first = { editor: made, document: model && { id, model }, host }
}

/** The editor that was begun in this place, once: from then on it is the taker's. */
export function takeFirst(host: Element): FirstEditor | null {
  if (first?.host !== host) return null
  const taken = first
  first = null
  return taken
}

/** Whether this browser has a text of its own; which one, the page finds out. */
function keepsDrafts(): boolean {
  try {
    return Object.keys(localStorage).some((key) => /^bugghost\.(tab\.|drafts)/.test(key))
  } catch {
    return false
  }
}
