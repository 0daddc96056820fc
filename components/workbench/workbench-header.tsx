import { Command, RotateCcw } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import type { RunId } from '../../protocol/ids.ts'
import type { Language } from '../../protocol/language.ts'
import { useOpenPalette } from '../actions/actions.tsx'
import { Hint } from '../actions/shortcut.tsx'
import { markShared } from '../share/mark-shared.ts'
import { ShareButton } from '../share/share-button.tsx'
import { Button } from '../ui/button.tsx'
import { SiteHeader } from '../ui/site-header.tsx'
import { Tip } from '../ui/tip.tsx'
import { LanguagePicker } from './language-picker.tsx'
import { RunButtons } from './run-buttons.tsx'

/** What the workbench adds to every page's header: which language, Run, and the link to what was run. */
export function WorkbenchHeader({
  languages,
  language,
  version,
  onLanguage,
  onVersion,
  onExample,
  runId,
  runButtons,
  account,
}: {
  languages: readonly Language[]
  /** Null until it is known. */
  language: Language | null
  version: string
  onLanguage(id: string): void
  onVersion(version: string): void
  /** Null while the example is what stands there. */
  onExample: (() => void) | null
  /** Of what was run last here. */
  runId: RunId | null
  runButtons: ComponentProps<typeof RunButtons>
  account: ReactNode
}) {
  const openPalette = useOpenPalette()
  return (
    <SiteHeader
      tools={
        <>
          {language ? (
            <LanguagePicker
              languages={languages}
              value={language.id}
              onChange={onLanguage}
              version={version}
              onVersion={onVersion}
            />
          ) : (
            <span className="h-9 w-32 rounded-lg bg-hover" />
          )}
          {language && onExample && (
            <Tip text={`Back to the example: ${language.example.title}`}>
              <Button look="quiet" onClick={onExample} className="max-sm:px-2">
                <RotateCcw className="size-3.5" aria-hidden />
                <span className="max-lg:sr-only">Example</span>
              </Button>
            </Tip>
          )}
          <div className="ml-auto flex items-center gap-2 max-sm:gap-1">
            <ShareButton
              path={runId && `/r/${runId}`}
              onShare={() => runId && markShared(runId)}
              label="Share"
              look="plain"
              compact
              disabledReason="Run something first: the link shows a run."
            />
            <RunButtons {...runButtons} />
          </div>
        </>
      }
    >
      <Tip text={<Hint text="All commands" keys="Mod+k" />}>
        <Button look="quiet" size="icon" aria-label="All commands" onClick={openPalette}>
          <Command className="size-4" aria-hidden />
        </Button>
      </Tip>
      {account}
    </SiteHeader>
  )
}
