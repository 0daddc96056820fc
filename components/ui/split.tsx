'use client'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'

const key = 'bugghost.split.1'
const least = 25
const most = 75
const clamp = (percent: number) => Math.max(least, Math.min(most, percent))

/** Two panes side by side with a bar between them to drag; on a narrow screen only the one in `view`. */
export function Split({ left, right, view }: { left: ReactNode; right: ReactNode; view: 'left' | 'right' }) {
  const [percent, setPercent] = useState(56)
  const box = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const kept = Number(read(key))
    if (kept) setPercent(clamp(kept))
  }, [])

  function set(next: number) {
    setPercent(clamp(next))
    write(key, String(Math.round(clamp(next))))
  }
  function onPointerMove(event: PointerEvent<HTMLElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !box.current) return
    const { left: start, width } = box.current.getBoundingClientRect()
    set(((event.clientX - start) / width) * 100)
  }
  function onKeyDown(event: KeyboardEvent) {
    const to = { ArrowLeft: percent - 2, ArrowRight: percent + 2, Home: least, End: most }[event.key]
    if (to === undefined) return
    event.preventDefault()
    set(to)
  }

  return (
    <div ref={box} className="flex min-h-0 flex-1" style={{ '--left': `${percent}%` } as object}>
      <div className={`flex min-h-0 min-w-0 flex-col max-md:flex-1 md:w-(--left) ${view === 'left' ? '' : 'max-md:hidden'}`}>
        {left}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be dragged or focused. */}
      <div
        role="separator"
        aria-label="Width of the editor"
        aria-orientation="vertical"
        aria-valuenow={Math.round(percent)}
        aria-valuemin={least}
        aria-valuemax={most}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onDoubleClick={() => set(56)}
        onKeyDown={onKeyDown}
        className="group relative w-px shrink-0 cursor-col-resize touch-none bg-line outline-none max-md:hidden"
      >
        <span className="-inset-x-1.5 absolute inset-y-0 z-10" />
        <span className="-inset-x-px absolute inset-y-0 z-10 bg-accent opacity-0 transition-opacity group-hover:opacity-60 group-focus-visible:opacity-100" />
      </div>
      <div className={`flex min-h-0 min-w-0 flex-1 flex-col ${view === 'right' ? '' : 'max-md:hidden'}`}>{right}</div>
    </div>
  )
}

// A browser may keep nothing for a page (private windows, full disks). A width is not worth a word about it.
function read(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}
function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {}
}
