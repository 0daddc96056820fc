import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Refusal } from './run-state.ts'

const titles: Partial<Record<Refusal['code'], string>> = {
  invalid: 'This cannot be run as it is',
  'too-large': 'Too large to run',
  'too-many-requests': 'Too many runs',
  unavailable: 'Not possible right now',
  forbidden: 'Not your run',
}

/** Why something was not done, in the server's words, and what to do about it. */
export function RefusalNotice({ refusal, children }: { refusal: Refusal; children?: ReactNode }) {
  return (
    <div
      role="alert"
      className="m-4 animate-appear rounded-xl border border-bad/30 bg-bad-wash p-4 font-sans text-sm"
      data-testid="refusal"
    >
      <p className="flex items-center gap-2 font-medium text-bad">
        <CircleAlert className="size-4 shrink-0" aria-hidden />
        {titles[refusal.code] ?? 'That did not work'}
      </p>
      <p className="mt-1.5 break-words text-ink-soft">{refusal.message}</p>
      {refusal.issues.length > 0 && (
        <ul className="mt-2 space-y-1 text-ink-soft text-xs">
          {refusal.issues.map((issue) => (
            <li key={`${issue.path} ${issue.message}`} className="break-words">
              {issue.path && <code className="mr-1.5 rounded bg-panel px-1 py-0.5 font-mono text-ink">{issue.path}</code>}
              {issue.message}
            </li>
          ))}
        </ul>
      )}
      {children}
    </div>
  )
}
