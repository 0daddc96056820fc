import Link from 'next/link'
import { buttonClass } from '../../../components/ui/button.tsx'
import { Apology } from '../../apology.tsx'
import { PageHeader } from '../../page-header.tsx'

/** What stands at the address of a run that was. */
export function DeletedRun() {
  return (
    <>
      <PageHeader />
      <Apology
        title="This run was deleted"
        actions={
          <Link href="/" className={buttonClass('primary')}>
            Open the editor
          </Link>
        }
      >
        <p>Whoever made it has deleted it, with its code, its input and everything it wrote. Nothing of it is left here.</p>
      </Apology>
    </>
  )
}
