import { useSyncExternalStore } from 'react'
import { type Keys, wordsOf } from './keys.ts'

const never = () => () => {}
const isApple = () => /Mac|iP(hone|ad|od)/.test(navigator.platform)
/** Whether this is a keyboard with Cmd on it. The server does not know, and says no. */
export const useApple = () => useSyncExternalStore(never, isApple, () => false)

/** A shortcut, as it is printed on the keyboard. */
export function Shortcut({ keys, className }: { keys: Keys; className?: string }) {
  const apple = useApple()
  return (
    <kbd className={className ?? 'inline-flex gap-0.5 font-sans'}>
      {wordsOf(keys, apple).map((word) => (
        <span
          key={word}
          className="inline-grid h-[1.25rem] min-w-[1.25rem] place-items-center rounded border border-current/25 px-1 text-[0.6875rem] leading-none"
        >
          {word}
        </span>
      ))}
    </kbd>
  )
}

/** What a control does, with its shortcut, for its tooltip. */
export function Hint({ text, keys }: { text: string; keys?: Keys }) {
  return (
    <span className="inline-flex items-center gap-2">
      {text}
      {keys && <Shortcut keys={keys} />}
    </span>
  )
}
