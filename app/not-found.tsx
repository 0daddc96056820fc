import type { Metadata } from 'next'
import Link from 'next/link'
import { buttonClass } from '../components/ui/button.tsx'
import { Apology } from './apology.tsx'
import { PageHeader } from './page-header.tsx'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <>
      <PageHeader />
      <Apology
        title="There is nothing here"
        actions={
          <Link href="/" className={buttonClass('primary')}>
            Open the editor
          </Link>
        }
      >
        <p>No page of Bug Ghost has this address.</p>
      </Apology>
    </>
  )
}
