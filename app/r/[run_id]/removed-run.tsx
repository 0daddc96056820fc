import Link from 'next/link'
import { buttonClass } from '../../../components/ui/button.tsx'
import { Apology } from '../../apology.tsx'
import { PageHeader } from '../../page-header.tsx'

/** What stands at the address of a run that was. */
export function RemovedRun({ why }: { why: string }) {
  return (
    <>
      <PageHeader />
      <Apology
        title="This run is gone"
        actions={
          <Link href="/" className={buttonClass('primary')}>
            Open the editor
          </Link>
        }
      >
        <p>{why}</p>
        <p>Its code, its input and everything it wrote went with it.</p>
      </Apology>
    </>
  )
}
