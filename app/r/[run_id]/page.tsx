import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { RunView } from '../../../components/run-page/run-view.tsx'
import type { Run } from '../../../protocol/run.ts'
import { bytes, seconds } from '../../../protocol/words.ts'
import { services } from '../../../server/services.ts'
import { PageHeader } from '../../page-header.tsx'
import { beginningOf, findRun, lookUpRun } from './find-run.ts'
import { RemovedRun } from './removed-run.tsx'

type Props = { params: Promise<{ run_id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const run = await findRun((await params).run_id)
  if (!run) return { title: 'No such run', robots: { index: false, follow: false } }
  const title = `${run.name ?? run.language} · ${run.message}`
  const description = descriptionOf(run)
  return {
    title,
    description,
    // Its address is the key to it: no search engine should hand it out.
    robots: { index: false, follow: false },
    openGraph: { siteName: 'Bug Ghost', title, description, url: `/r/${run.run_id}`, type: 'article' },
    alternates: {
      types: { 'application/json+oembed': `/api/oembed?url=${encodeURIComponent(`${services().publicUrl}/r/${run.run_id}`)}` },
    },
    twitter: { card: 'summary_large_image', title, description },
  }
}

export default async function RunPage({ params }: Props) {
  const run = await lookUpRun((await params).run_id)
  if (!run) notFound()
  if ('gone' in run) return <RemovedRun why={run.gone} />
  const manifest = services().languages.find((language) => language.id === run.language)?.manifest
  const { run_id, language, version, limits, created_at, files, entry, stdin, args, tty, only, image, image_digest, name } = run
  return (
    <>
      <PageHeader />
      <RunView
        run={{ run_id, language, version, limits, created_at, files, entry, stdin, args, tty, only, image, image_digest, name }}
        // A language that was taken away since is known by its id alone.
        languageName={manifest?.name ?? language}
        editorLanguage={manifest?.editor ?? language}
        transcript={await beginningOf(run)}
      />
    </>
  )
}

function descriptionOf(run: Run): string {
  const program = `a ${run.language} ${run.version} program`
  if (run.duration_ms === null) return `Watch ${program} while it runs.`
  const used = [
    `ran for ${seconds(run.duration_ms)}`,
    ...(run.usage ? [`used ${bytes(run.usage.memory_peak_bytes)} of memory`] : []),
  ]
  return `Replay ${program} as it happened: ${used.join(', ')}. Code, input, output and timing.`
}
