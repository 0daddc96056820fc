'use client'
import type { editor } from 'monaco-editor/editor'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { loadEditor } from './load-monaco.ts'
import { useEditorTheme } from './use-editor-theme.ts'

/** Two texts side by side, with what differs between them; on a narrow screen one below the other. */
export function DiffEditor({
  left,
  right,
  language,
  label,
  placeholder,
}: {
  left: string
  right: string
  language: string
  label: string
  /** Shown until the editor is there. */
  placeholder: ReactNode
}) {
  const host = useRef<HTMLDivElement>(null)
  const [ready, setReady] = useState(false)
  const theme = useEditorTheme()

  useEffect(() => {
    let gone = false
    let made: editor.IStandaloneDiffEditor | undefined
    let models: editor.ITextModel[] = []
    loadEditor().then(
      ({ monaco }) => {
        if (gone || !host.current) return
        monaco.editor.setTheme(theme)
        made = monaco.editor.createDiffEditor(host.current, {
          readOnly: true,
          domReadOnly: true,
          originalEditable: false,
          automaticLayout: true,
          renderSideBySideInlineBreakpoint: 700,
          hideUnchangedRegions: { enabled: true },
          minimap: { enabled: false },
          scrollBeyondLastLine: false,
          fontFamily: '"JetBrains Mono Variable", ui-monospace, Menlo, Consolas, monospace',
          fontSize: 13,
          lineHeight: 21,
          renderOverviewRuler: false,
          tabFocusMode: true,
          ariaLabel: label,
          originalAriaLabel: `${label}, first run`,
          modifiedAriaLabel: `${label}, second run`,
        })
        const [original, modified] = [left, right].map((text) => monaco.editor.createModel(text, language))
        if (!original || !modified) return
        models = [original, modified]
        made.setModel({ original, modified })
        setReady(true)
      },
      (error: unknown) => console.error('The editor could not be loaded', error),
    )
    return () => {
      gone = true
      setReady(false)
      made?.dispose()
      for (const model of models) model.dispose()
    }
  }, [left, right, language, label, theme])

  return (
    <div className="relative min-h-0 min-w-0 flex-1 bg-panel" data-ready={ready}>
      {!ready && <div className="absolute inset-0 overflow-auto">{placeholder}</div>}
      <div ref={host} className="absolute inset-0" />
    </div>
  )
}
