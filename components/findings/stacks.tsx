import type { ThreadStack } from '../../protocol/diagnostic.ts'
import { Finding } from './findings.tsx'
import { Frames } from './frames.tsx'

/** Every thread as it stood when the time ran out. */
export function Stacks({ stacks }: { stacks: readonly ThreadStack[] }) {
  const [first, ...others] = stacks
  if (!first) return null
  return (
    <Finding title="Where it was when its time ran out">
      <Thread stack={first} />
      {others.length > 0 && (
        <details className="mt-2">
          <summary className="cursor-default text-ink-faint hover:text-ink-soft">
            {others.length === 1 ? 'One more thread' : `${others.length} more threads`}
          </summary>
          <div className="mt-2 space-y-2">
            {others.map((stack, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list of a finished run does not change.
              <Thread key={index} stack={stack} />
            ))}
          </div>
        </details>
      )}
    </Finding>
  )
}

function Thread({ stack }: { stack: ThreadStack }) {
  return (
    <div>
      <p className="text-ink-faint text-xs">{stack.thread}</p>
      <Frames frames={stack.frames} />
    </div>
  )
}
