'use client'
import clsx from 'clsx'
import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useEffect, useState } from 'react'
import { DiffEditor } from '../editor/diff-editor.tsx'
import { PlainCode } from '../editor/plain-code.tsx'
import { Button } from '../ui/button.tsx'
import { When } from '../ui/when.tsx'
import type { Draft } from './drafts.ts'
import { changeOf, type Reason, type Version, versionsOf } from './versions.ts'

const reasons: Record<Reason, string> = { run: 'Run', edit: 'Edited', replaced: 'Before it was replaced' }

/** What the draft was before, in this tab and in others, beside what it is now. */
export default function VersionsDialog({
  language,
  editorLanguage,
  draft,
  tab,
  onRestore,
  onClose,
}: {
  language: string
  editorLanguage: string
  draft: Draft
  tab: string | null
  onRestore(version: Version): void
  onClose(): void
}) {
  const [versions, setVersions] = useState<readonly Version[] | null>(null)
  const [chosen, setChosen] = useState<Version | null>(null)
  useEffect(() => {
    void versionsOf(language).then((found) => {
      setVersions(found)
      setChosen(found[0] ?? null)
    })
  }, [language])
  const file = chosen?.files.find(({ path }) => path === chosen.entry) ?? chosen?.files[0]
  const now = draft.files.find(({ path }) => path === file?.path)

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/35" />
        <Dialog.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 -translate-y-1/2 fixed top-1/2 left-1/2 z-50 flex h-[85vh] w-[72rem] max-w-[calc(100vw-1.5rem)] animate-appear flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-pop"
        >
          <div className="flex items-center border-line border-b py-3 pr-3 pl-5">
            <Dialog.Title className="font-semibold">Earlier versions</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" size="icon" aria-label="Close" className="ml-auto">
                <X className="size-4" aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          {versions?.length === 0 && (
            <p className="p-8 text-center text-ink-faint text-sm">
              None yet: what you run and write is kept here, in this browser.
            </p>
          )}
          {versions && versions.length > 0 && (
            <div className="flex min-h-0 flex-1 max-md:flex-col">
              <ul
                aria-label="Versions"
                className="shrink-0 overflow-y-auto border-line p-1.5 max-md:max-h-48 max-md:border-b md:w-64 md:border-r"
              >
                {versions.map((version) => {
                  const { added, removed } = changeOf(draft.files, version.files)
                  return (
                    <li key={version.id}>
                      <button
                        type="button"
                        aria-pressed={version === chosen}
                        onClick={() => setChosen(version)}
                        className={clsx(
                          'w-full rounded-lg px-3 py-2 text-left text-[0.8125rem]',
                          version === chosen ? 'bg-hover' : 'hover:bg-hover',
                        )}
                      >
                        <span className="block font-medium">
                          <When iso={new Date(version.at).toISOString()} />
                        </span>
                        <span className="block text-ink-faint text-xs">
                          {reasons[version.reason]}
                          {version.tab !== tab && ', in another tab'} ·{' '}
                          {added + removed === 0 ? 'as it is now' : `+${added} −${removed}`}
                        </span>
                      </button>
                    </li>
                  )
                })}
              </ul>
              <div className="flex min-h-0 min-w-0 flex-1 flex-col">
                <p className="flex items-center gap-3 border-line border-b px-4 py-2 text-ink-soft text-xs">
                  <bdi className="font-mono">{file?.path}</bdi>
                  <span className="text-ink-faint">now, and then</span>
                  {chosen && (
                    <Button size="small" look="primary" className="ml-auto" onClick={() => onRestore(chosen)}>
                      Restore
                    </Button>
                  )}
                </p>
                <DiffEditor
                  left={now?.encoding === 'base64' ? '' : (now?.content ?? '')}
                  right={file?.encoding === 'base64' ? '' : (file?.content ?? '')}
                  language={editorLanguage}
                  label="What differs"
                  placeholder={<PlainCode text={file?.content ?? ''} />}
                />
              </div>
            </div>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
