import { WorkbenchAfterTheEditor } from '../components/workbench/after-the-editor.tsx'
import { languageViews } from '../server/language-view.ts'
import { services } from '../server/services.ts'
import { EditorScript } from './editor-script.tsx'
import { HeaderEnd } from './page-header.tsx'

export default async function EditorPage({ searchParams }: { searchParams: Promise<{ fork?: string | string[] }> }) {
  const { fork } = await searchParams
  const { languages, executor } = services()
  const { engine, languages: states } = executor.state()
  return (
    <div className="flex h-dvh flex-col">
      <EditorScript />
      <main className="flex min-h-0 flex-1 flex-col">
        <h1 className="sr-only">Bug Ghost, the debug replayer: editor</h1>
        <noscript>
          <p className="border-line border-b bg-limit-wash px-4 py-2 text-sm">
            The editor needs JavaScript. Without it you can use the API: POST /api/runs.
          </p>
        </noscript>
        <WorkbenchAfterTheEditor
          languages={languageViews(languages, states)}
          problem={engine.ok ? null : engine.message}
          account={<HeaderEnd />}
          fork={typeof fork === 'string' ? fork : null}
        />
      </main>
    </div>
  )
}
