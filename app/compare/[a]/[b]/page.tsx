import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { CompareView } from '../../../../components/compare/compare-view.tsx'
import { services } from '../../../../server/services.ts'
import { PageHeader } from '../../../page-header.tsx'
import { lookUpRun } from '../../../r/[run_id]/find-run.ts'
import { RemovedRun } from '../../../r/[run_id]/removed-run.tsx'

export const metadata: Metadata = { title: 'Two runs side by side', robots: { index: false, follow: false } }

export default async function ComparePage({ params }: { params: Promise<{ a: string; b: string }> }) {
  const { a, b } = await params
  const [left, right] = await Promise.all([lookUpRun(a), lookUpRun(b)])
  if (!left || !right) notFound()
  if ('gone' in left) return <RemovedRun why={left.gone} />
  if ('gone' in right) return <RemovedRun why={right.gone} />
  const manifest = services().languages.find(({ id }) => id === right.language)?.manifest
  return (
    <>
      <PageHeader />
      <CompareView left={left} right={right} editorLanguage={manifest?.editor ?? right.language} />
    </>
  )
}
