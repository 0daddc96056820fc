import { type ClipboardEvent, type DragEvent, useState } from 'react'
import type { Language } from '../../protocol/language.ts'
import type { RunFile } from '../../protocol/run.ts'
import { type Draft, exampleDraft } from '../drafts/drafts.ts'
import { filesOfInput, filesOfTransfer, holdsFiles } from '../files/drop.ts'
import { FileListError, merged } from '../files/file-list.ts'
import { detectPaste, type Pasted } from '../files/paste.ts'

/** What comes from elsewhere: files that are dropped or chosen, and texts that are pasted and are more than text. */
export function useIncoming({
  languages,
  language,
  draft,
  onDraft,
  onRefused,
}: {
  languages: readonly Language[]
  language: Language | null
  draft: Draft | null
  /** Another draft, for this language; `what` says what was done. */
  onDraft(language: string, draft: Draft, what: string): void
  onRefused(why: string): void
}) {
  const [pasted, setPasted] = useState<Pasted | null>(null)
  const [over, setOver] = useState(false)

  async function take(reading: Promise<RunFile[]>) {
    try {
      const files = await reading
      if (!language || !draft) return
      // Somebody who drops a project on the example wants the project.
      const untouched = JSON.stringify(draft.files) === JSON.stringify(exampleDraft(language).files)
      const target = (untouched ? languageOfFiles(files, languages) : null) ?? language
      const list = untouched ? merged({ files: [], entry: '' }, files) : merged({ files: draft.files, entry: draft.entry }, files)
      const entry = list.files.some(({ path }) => path === list.entry) ? list.entry : entryOf(list.files, target)
      const base = target === language ? draft : exampleDraft(target)
      const what = files.length === 1 ? `Added ${files[0]?.path}.` : `Added ${files.length} files.`
      onDraft(target.id, { ...base, ...(untouched ? { stdin: '' } : {}), files: [...list.files], entry }, what)
    } catch (error) {
      if (!(error instanceof FileListError)) throw error
      onRefused(error.message)
    }
  }

  function accept() {
    if (!pasted || pasted.kind === 'stack-trace' || pasted.kind === 'address' || !language) return
    const target = languages.find(({ id }) => id === pasted.language) ?? language
    setPasted(null)
    onDraft(
      target.id,
      {
        files: pasted.files,
        entry: entryOf(pasted.files, target),
        stdin: pasted.kind === 'markdown' ? pasted.stdin : '',
        args: [],
      },
      pasted.files.length === 1 ? `It is ${target.name} now.` : `Taken apart into ${pasted.files.length} files.`,
    )
  }

  return {
    pasted,
    accept,
    dismiss: () => setPasted(null),
    /** Whether files are being held over the page. */
    over,
    upload: (files: FileList) => void take(filesOfInput(files)),
    handlers: {
      onPasteCapture(event: ClipboardEvent) {
        if (holdsFiles(event.clipboardData)) {
          event.preventDefault()
          event.stopPropagation()
          void take(filesOfTransfer(event.clipboardData))
          return
        }
        if (!(event.target instanceof HTMLElement) || !event.target.closest('.monaco-editor') || !language) return
        setPasted(detectPaste(event.clipboardData.getData('text/plain'), languages, language.id))
      },
      onDragOver(event: DragEvent) {
        if (!holdsFiles(event.dataTransfer)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
        setOver(true)
      },
      onDragLeave(event: DragEvent) {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      },
      onDropCapture(event: DragEvent) {
        if (!holdsFiles(event.dataTransfer)) return
        event.preventDefault()
        // The editor would put the path of the file into the text.
        event.stopPropagation()
        setOver(false)
        void take(filesOfTransfer(event.dataTransfer))
      },
    },
  }
}

function languageOfFiles(files: readonly RunFile[], languages: readonly Language[]): Language | null {
  const count = (language: Language) =>
    files.filter(({ path }) => language.extensions.some((ending) => path.endsWith(ending))).length
  const [best] = [...languages].sort((a, b) => count(b) - count(a))
  return best && count(best) > 0 ? best : null
}

/** The file that starts: the one with the usual name, at whatever depth, or the first of the language. */
function entryOf(files: readonly RunFile[], language: Language): string {
  const usual = files.find(({ path }) => path === language.entry) ?? files.find(({ path }) => path.endsWith(`/${language.entry}`))
  const any = files.find(({ path }) => language.extensions.some((ending) => path.endsWith(ending)))
  return (usual ?? any ?? files[0])?.path ?? language.entry
}
