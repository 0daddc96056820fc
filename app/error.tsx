'use client'
import { useEffect } from 'react'
import { Button, buttonClass } from '../components/ui/button.tsx'
import { SiteHeader } from '../components/ui/site-header.tsx'
import { Apology } from './apology.tsx'

/** When a page could not be made. A digest is the number under which the server's log has the reason. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset(): void }) {
  useEffect(() => console.error(error), [error])
  return (
    <>
      <SiteHeader />
      <Apology
        title="This page could not be shown"
        actions={
          <>
            <Button look="primary" onClick={reset}>
              Try again
            </Button>
            {/* A full load: whatever went wrong in this page is left behind. */}
            <a href="/" className={buttonClass('plain')}>
              Open the editor
            </a>
          </>
        }
      >
        <p>Something failed on our side. Nothing you ran is lost: every finished run is kept.</p>
        {error.digest && (
          <p className="text-ink-faint text-sm">
            If it stays like this, report <code className="font-mono">{error.digest}</code>.
          </p>
        )}
      </Apology>
    </>
  )
}
