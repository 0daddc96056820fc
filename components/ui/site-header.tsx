import Link from 'next/link'
import type { ReactNode } from 'react'
import { Ghost } from '../brand/ghost.tsx'

/** What a page calls the part below its header. It must be one that can be focused. */
export const contentId = 'content'

/** The top of every page. `tools` are the page's own; on a narrow screen they have a row of their own. */
export function SiteHeader({ tools, children }: { tools?: ReactNode; children?: ReactNode }) {
  return (
    <header className="relative flex shrink-0 flex-wrap items-center gap-x-4 border-line border-b bg-panel px-3 sm:px-4">
      <a
        href={`#${contentId}`}
        className="-translate-y-16 absolute top-2.5 left-3 z-50 rounded-lg border border-line bg-raised px-3 py-2 font-medium text-[0.8125rem] focus:translate-y-0 focus:shadow-pop"
      >
        Skip to the content
      </a>
      <Link href="/" className="flex h-14 items-center gap-2.5 rounded-md pr-1" aria-label="Bug Ghost, to the editor">
        <Ghost className="size-6.5 text-accent" />
        <span className="font-semibold text-[0.9375rem] tracking-tight">Bug Ghost</span>
        <span
          className={
            tools
              ? 'hidden border-line border-l pl-2.5 text-ink-faint text-xs lg:inline'
              : 'border-line border-l pl-2.5 text-ink-faint text-xs'
          }
        >
          the debug replayer
        </span>
      </Link>
      {tools && (
        <div className="flex min-w-0 flex-1 items-center gap-2 max-md:order-last max-sm:gap-1 max-md:w-full max-md:flex-none max-md:pb-2.5">
          {tools}
        </div>
      )}
      <div className="ml-auto flex items-center gap-1">{children}</div>
    </header>
  )
}
