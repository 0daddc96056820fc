import type { Metadata } from 'next'
import { AllRuns } from '../../components/history/all-runs.tsx'
import { services } from '../../server/services.ts'
import { PageHeader } from '../page-header.tsx'

export const metadata: Metadata = { title: 'Your runs', robots: { index: false, follow: false } }

/** Everything this visitor ran, to be found again. */
export default function RunsPage() {
  const { languages } = services()
  const names = new Map(languages.map(({ id, manifest }) => [id, manifest.name]))
  return (
    <>
      <PageHeader />
      <AllRuns languages={[...names].map(([id, name]) => ({ id, name }))} />
    </>
  )
}
