'use client'
import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal as Xterm } from '@xterm/xterm'
import { useEffect, useRef } from 'react'
import type { TerminalSize } from '../../protocol/run.ts'
import type { Chunk } from '../../protocol/transcript.ts'
import { useIsDark } from '../ui/theme.tsx'

/** Loaded when there is a run in a terminal: a terminal emulator is as large as the rest of the page. */
export default function Terminal({
  chunks,
  size,
  live,
  onType,
  onResize,
}: {
  chunks: readonly Chunk[]
  /** What the program was told; a terminal that is only watched keeps it. */
  size: TerminalSize
  /** Whether somebody may type. */
  live: boolean
  onType?(text: string): void
  onResize?(size: TerminalSize): void
}) {
  const host = useRef<HTMLDivElement>(null)
  const terminal = useRef<Xterm | null>(null)
  const written = useRef<readonly Chunk[]>([])
  const dark = useIsDark()
  const handlers = useRef({ onType, onResize })
  useEffect(() => {
    handlers.current = { onType, onResize }
  })
  const fits = onResize !== undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: the size it begins with; what comes later is another effect's.
  useEffect(() => {
    if (!host.current) return
    const made = new Xterm({
      cols: size.columns,
      rows: size.rows,
      fontFamily: '"JetBrains Mono Variable", ui-monospace, Menlo, Consolas, monospace',
      fontSize: 12.5,
      lineHeight: 1.25,
      scrollback: 10_000,
      screenReaderMode: true,
      cursorBlink: false,
      theme: themeOf(host.current),
      minimumContrastRatio: 4.5,
    })
    const fit = new FitAddon()
    made.loadAddon(fit)
    made.open(host.current)
    made.textarea?.setAttribute('aria-label', 'Terminal of the program')
    made.onData((text) => handlers.current.onType?.(text))
    made.onResize(({ cols, rows }) => handlers.current.onResize?.({ columns: cols, rows }))
    terminal.current = made
    written.current = []
    if (!fits) return () => made.dispose()
    const observer = new ResizeObserver(() => fit.fit())
    observer.observe(host.current)
    return () => {
      observer.disconnect()
      terminal.current = null
      made.dispose()
    }
  }, [fits])

  useEffect(() => {
    if (!fits) terminal.current?.resize(size.columns, size.rows)
  }, [fits, size.columns, size.rows])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which has changed them by then.
  useEffect(() => {
    if (terminal.current && host.current) terminal.current.options.theme = themeOf(host.current)
  }, [dark])

  useEffect(() => {
    if (!terminal.current) return
    terminal.current.options.disableStdin = !live
    if (live) terminal.current.focus()
  }, [live])

  useEffect(() => {
    const screen = terminal.current
    if (!screen) return
    const before = written.current
    // A replay that goes back begins anew.
    const goesOn = before.length <= chunks.length && before.at(-1) === chunks[before.length - 1]
    if (!goesOn) screen.reset()
    // What was typed the terminal of the program has echoed already, if it meant to.
    for (const chunk of chunks.slice(goesOn ? before.length : 0)) if (chunk.source !== 'input') screen.write(chunk.text)
    written.current = chunks
  }, [chunks])

  return <div ref={host} data-testid="terminal" className="min-h-0 min-w-0 flex-1 overflow-hidden bg-panel p-2" />
}

/** The colours of the page: xterm draws them itself and cannot read a variable. */
function themeOf(element: HTMLElement) {
  const probe = document.createElement('span')
  element.append(probe)
  const colour = (name: string): string => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const [black, red, green, yellow, blue, magenta, cyan, white] = Array.from({ length: 8 }, (_, n) => colour(`--ansi-${n}`))
  const [brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite] = Array.from(
    { length: 8 },
    (_, n) => colour(`--ansi-${n + 8}`),
  )
  const theme = {
    background: colour('--panel'),
    foreground: colour('--ink'),
    cursor: colour('--accent'),
    selectionBackground: colour('--line-strong'),
    ...{ black, red, green, yellow, blue, magenta, cyan, white },
    ...{ brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite },
  }
  probe.remove()
  return theme
}
