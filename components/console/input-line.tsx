'use client'
import { CornerDownLeft } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { requestLimits } from '../../protocol/limits.ts'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'

/** Where one types into a running program. A line is sent with Enter; what arrived comes back as part of the output. */
export function InputLine({ ended, onType, onEnd }: { ended: boolean; onType(text: string): void; onEnd(): void }) {
  const [text, setText] = useState('')
  const [history, setHistory] = useState<readonly string[]>([])
  /** How many lines back the arrow keys have gone. */
  const [back, setBack] = useState(0)
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => {
    // Whoever pressed Run with the mouse can type at once. Nobody is taken out of the editor, and no keyboard opens on a phone.
    if (document.activeElement === document.body && matchMedia('(pointer: fine)').matches)
      field.current?.focus({ preventScroll: true })
  }, [])

  function send(event: FormEvent) {
    event.preventDefault()
    onType(`${text}\n`)
    if (text !== '') setHistory((lines) => [...lines.slice(-99), text])
    setText('')
    setBack(0)
  }
  function recall(steps: number) {
    const next = Math.max(0, Math.min(history.length, back + steps))
    setBack(next)
    setText(next === 0 ? '' : (history.at(-next) ?? ''))
  }

  if (ended) {
    return (
      <p className="border-line border-t px-4 py-2.5 text-ink-faint text-xs">The program was told that no more input comes.</p>
    )
  }
  return (
    <form onSubmit={send} className="flex items-center gap-2 border-line border-t py-1.5 pr-2 pl-4 focus-within:bg-sunken">
      <span aria-hidden className="font-mono text-accent">
        ›
      </span>
      <input
        ref={field}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.ctrlKey && event.key.toLowerCase() === 'd' && text === '') {
            event.preventDefault()
            onEnd()
          } else if (event.key === 'ArrowUp' && history.length) {
            event.preventDefault()
            recall(1)
          } else if (event.key === 'ArrowDown' && back > 0) {
            event.preventDefault()
            recall(-1)
          }
        }}
        // A character may take three bytes on its way.
        maxLength={Math.floor(requestLimits.stdinMessageBytes / 3)}
        aria-label="Input to the program"
        placeholder="Type to the program, Enter sends"
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="send"
        className="h-8 min-w-0 flex-1 bg-transparent font-mono text-[16px] text-ink outline-none placeholder:text-ink-faint md:text-[12.5px]"
      />
      <Tip text="Send this line (Enter)">
        <Button type="submit" look="quiet" size="small" aria-label="Send line" onMouseDown={(event) => event.preventDefault()}>
          <CornerDownLeft className="size-3.5" aria-hidden />
        </Button>
      </Tip>
      <Tip text="Tell the program that no more input comes (Ctrl+D)">
        <Button size="small" onClick={onEnd}>
          End input
        </Button>
      </Tip>
    </form>
  )
}
