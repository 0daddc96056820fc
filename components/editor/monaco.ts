import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
// Every language of the editor is registered, each loaded when a file of it is opened: a language of ours needs no line here.
import 'monaco-editor/languages/definitions/register.all'
import { darkTheme, lightTheme } from './monaco-themes.ts'
import { registerSnippets } from './snippets.ts'
import { setUp } from './typescript.ts'

self.MonacoEnvironment = {
  getWorker: (_: string, label: string) =>
    new Worker(
      new URL(label === 'typescript' || label === 'javascript' ? './ts.worker.js' : './editor.worker.js', import.meta.url),
      {
        type: 'module',
      },
    ),
}
monaco.editor.defineTheme('bugghost-light', lightTheme)
monaco.editor.defineTheme('bugghost-dark', darkTheme)

registerSnippets(monaco)
setUp()

export type Monaco = typeof monaco
export { monaco }
