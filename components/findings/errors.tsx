import clsx from 'clsx'
import type { Diagnostic } from '../../protocol/diagnostic.ts'
import { PlaceLink } from '../run/place.tsx'
import { Finding } from './findings.tsx'
import { Frames } from './frames.tsx'

const inks = { error: 'text-bad', warning: 'text-limit', note: 'text-ink-faint' }

/** The places an error names, each with how the program got there. */
export function Errors({ diagnostics }: { diagnostics: readonly Diagnostic[] }) {
  return (
    <Finding title="Where it went wrong">
      <ol className="space-y-2">
        {diagnostics.map((diagnostic, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of a finished run does not change.
          <li key={index}>
            <p className="flex flex-wrap gap-x-2">
              <span className="font-mono text-ink-faint text-xs leading-5">
                <PlaceLink place={{ path: diagnostic.file, line: diagnostic.line, column: diagnostic.column }} />
              </span>
              <span className={clsx('min-w-0 break-words', inks[diagnostic.severity])}>{diagnostic.message}</span>
            </p>
            {diagnostic.frames && diagnostic.frames.length > 1 && <Frames frames={diagnostic.frames} />}
          </li>
        ))}
      </ol>
    </Finding>
  )
}
