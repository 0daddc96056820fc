import type { ReactNode } from 'react'
import { Ghost } from '../components/brand/ghost.tsx'
import { contentId } from '../components/ui/site-header.tsx'

/** A page that has to say no. */
export function Apology({ title, children, actions }: { title: string; children: ReactNode; actions: ReactNode }) {
  return (
    <main id={contentId} tabIndex={-1} className="outline-none grid flex-1 place-items-center px-6 py-16 text-center">
      <div className="max-w-md">
        <Ghost className="mx-auto size-16 animate-float text-accent" />
        <h1 className="mt-8 font-semibold text-2xl tracking-tight">{title}</h1>
        <div className="mt-3 space-y-2 text-ink-soft">{children}</div>
        <div className="mt-8 flex flex-wrap justify-center gap-2">{actions}</div>
      </div>
    </main>
  )
}
