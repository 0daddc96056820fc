import type { StackFrame } from '../../protocol/diagnostic.ts'
import { PlaceLink } from '../run/place.tsx'

/** A call stack, innermost first. Frames of libraries are folded: the program's own are what one looks for. */
export function Frames({ frames }: { frames: readonly StackFrame[] }) {
  return (
    <ol className="mt-1 space-y-0.5 border-line border-l-2 pl-3 font-mono text-xs">
      {groupsOf(frames).map((group) =>
        group[0]?.frame.library && group.length > 1 ? (
          <li key={group[0].index}>
            <details>
              <summary className="cursor-default text-ink-faint hover:text-ink-soft">{group.length} frames of libraries</summary>
              <ol className="space-y-0.5">
                {group.map(({ frame, index }) => (
                  <Place key={index} frame={frame} />
                ))}
              </ol>
            </details>
          </li>
        ) : (
          group.map(({ frame, index }) => <Place key={index} frame={frame} />)
        ),
      )}
    </ol>
  )
}

function Place({ frame }: { frame: StackFrame }) {
  return (
    <li className={frame.library ? 'text-ink-faint' : 'text-ink-soft'}>
      <PlaceLink place={{ path: frame.file, line: frame.line, column: frame.column }}>
        {frame.file}
        {frame.line > 0 && `:${frame.line}`}
      </PlaceLink>
      {frame.function && <span className="text-ink-faint"> in {frame.function}</span>}
    </li>
  )
}

type Numbered = { frame: StackFrame; index: number }

/** Neighbours of one kind, library or own. */
function groupsOf(frames: readonly StackFrame[]): Numbered[][] {
  const groups: Numbered[][] = []
  frames.forEach((frame, index) => {
    const last = groups.at(-1)
    if (last && last[0]?.frame.library === frame.library) last.push({ frame, index })
    else groups.push([{ frame, index }])
  })
  return groups
}
