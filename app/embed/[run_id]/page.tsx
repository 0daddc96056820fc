import type { Metadata } from 'next'
import { EmbedView } from '../../../components/embed/embed-view.tsx'
import { themeOf } from '../../../components/ui/theme-cookie.ts'
import { services } from '../../../server/services.ts'
import { beginningOf, lookUpRun } from '../../r/[run_id]/find-run.ts'

type Props = { params: Promise<{ run_id: string }>; searchParams: Promise<{ theme?: string | string[] }> }

export const metadata: Metadata = { title: 'A run', robots: { index: false, follow: false } }

/** A run inside somebody else's page. It only shows: whatever changes something is behind the link to the run itself. */
export default async function EmbedPage({ params, searchParams }: Props) {
  const run = await lookUpRun((await params).run_id)
  const { theme } = await searchParams
  const scheme = { system: 'light dark', light: 'light', dark: 'dark', contrast: 'light dark' }[
    themeOf(typeof theme === 'string' ? theme : undefined)
  ]
  if (!run || 'gone' in run) {
    return (
      <p style={{ colorScheme: scheme }} className="flex flex-1 items-center justify-center bg-canvas p-6 text-ink-soft text-sm">
        {run ? run.gone : 'There is no run with this address.'}
      </p>
    )
  }
  const { languages, publicUrl } = services()
  const { run_id, language, version, limits, created_at, files, entry, tty, only } = run
  return (
    <div style={{ colorScheme: scheme }} className="flex flex-1 flex-col bg-canvas text-ink">
      <EmbedView
        run={{ run_id, language, version, limits, created_at, files, entry, tty, only }}
        languageName={languages.find(({ id }) => id === language)?.manifest.name ?? language}
        address={`${publicUrl}/r/${run_id}`}
        transcript={await beginningOf(run)}
      />
    </div>
  )
}
