import { loader } from '@monaco-editor/react'
import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
// Every language of the editor is registered, each loaded when a file of it is opened: a language of ours needs no line here.
import 'monaco-editor/languages/definitions/register.all'
import { darkTheme, lightTheme } from './monaco-themes.ts'
import { registerSnippets } from './snippets.ts'
import { setUp } from './typescript.ts'

// Imported on demand only (see `loadMonaco`): it is by far the largest thing a page can ask for.

self.MonacoEnvironment = {
  getWorker: (_: string, label: string) =>
    label === 'typescript' || label === 'javascript'
      ? new Worker(new URL('monaco-editor/languages/features/typescript/ts.worker.js', import.meta.url), { type: 'module' })
      : new Worker(new URL('monaco-editor/editor/editor.worker.js', import.meta.url), { type: 'module' }),
}
monaco.editor.defineTheme('bugghost-light', lightTheme)
monaco.editor.defineTheme('bugghost-dark', darkTheme)

registerSnippets(monaco)
setUp()

// Without this the loader fetches the editor from a CDN.
loader.config({ monaco: monaco as never })

export type Monaco = typeof monaco
export const ready = (): Promise<Monaco> => loader.init() as unknown as Promise<Monaco>
