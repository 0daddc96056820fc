import type { Metadata } from 'next'
import Link from 'next/link'
import { buttonClass } from '../../../components/ui/button.tsx'
import { Apology } from '../../apology.tsx'
import { PageHeader } from '../../page-header.tsx'

export const metadata: Metadata = { title: 'No such run', robots: { index: false, follow: false } }

export default function RunNotFound() {
  return (
    <>
      <PageHeader />
      <Apology
        title="No run haunts this address"
        actions={
          <Link href="/" className={buttonClass('primary')}>
            Open the editor
          </Link>
        }
      >
        <p>The address of a run ends in 24 letters and digits. A chat or a mail may have cut it: ask for it once more.</p>
        <p>If it was from another Bug Ghost, it is only there.</p>
      </Apology>
    </>
  )
}
