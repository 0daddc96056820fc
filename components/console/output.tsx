'use client'
import clsx from 'clsx'
import { ArrowDown } from 'lucide-react'
import {
  type ClipboardEvent,
  Fragment,
  memo,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { Chunk } from '../../protocol/transcript.ts'
import { type Place, usePlaces } from '../run/place.tsx'
import { Button } from '../ui/button.tsx'
import { lookOf } from './looks.ts'
import { type NamedPlace, placesIn } from './places.ts'
import { createRowIndex, type RowIndex, rowStarts, sliceRuns, visibleRows } from './rows.ts'
import { createScreen, type Line, type Run, type Screen, screenColumns, screenText, textOf } from './screen.ts'

const rowHeight = 20
/** What the rows lose to their padding and border, in pixels; see .console-row. */
const rowInset = 32
const timesWidth = 72

/**
 * The output of a program: text, only text, and only the rows that are in view. It stays at the lower end while it grows, until
 * somebody scrolls up.
 */
export function Output({
  chunks,
  wrap,
  times,
  startedAt,
  empty,
  scrolled,
  label = 'Output',
}: {
  chunks: readonly Chunk[]
  /** Long lines in several rows, instead of scrolling sideways. */
  wrap: boolean
  /** Shows when each line began. */
  times: boolean
  startedAt: number
  /** Shown while there is nothing. */
  empty: ReactNode
  /** What scrolls, for a caller that wants to focus it. */
  scrolled?: RefObject<HTMLDivElement | null>
  label?: string
}) {
  const screen = useScreen(chunks)
  const { paths, go } = usePlaces()
  const scroller = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ height: 0, columns: 80 })
  const [scrollTop, setScrollTop] = useState(0)
  const [atEnd, setAtEnd] = useState(true)
  /** Everything was asked for with Ctrl+A, also what is not in view. */
  const all = useRef(false)

  const columns = wrap ? Math.max(8, size.columns - (times ? Math.ceil(timesWidth / 8) : 0)) : screenColumns
  const index = useRowIndex(screen, columns)
  const view = visibleRows({ scrollTop, viewport: size.height, rows: index.rows, rowHeight })

  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const measure = () => {
      const width = widthOfCharacter(element)
      setSize({ height: element.clientHeight, columns: Math.floor((element.clientWidth - rowInset) / width) })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    // The width of a character is another one once the font is there.
    document.fonts.addEventListener('loadingdone', measure)
    return () => {
      observer.disconnect()
      document.fonts.removeEventListener('loadingdone', measure)
    }
  }, [])

  const toEnd = useCallback(() => {
    const element = scroller.current
    if (element) element.scrollTop = element.scrollHeight
    setAtEnd(true)
  }, [])

  const { revision } = screen
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of these that moves the end.
  useLayoutEffect(() => {
    if (atEnd) toEnd()
  }, [revision, screen, index.rows, size.height, atEnd, toEnd])

  function onScroll() {
    const element = scroller.current
    if (!element) return
    setScrollTop(element.scrollTop)
    setAtEnd(element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight)
  }

  function onCopy(event: ClipboardEvent) {
    const selection = getSelection()
    if (!selection || selection.isCollapsed || !scroller.current) return
    event.preventDefault()
    event.clipboardData.setData(
      'text/plain',
      all.current ? screenText(screen) : selectedText(scroller.current, selection.getRangeAt(0)),
    )
  }

  const rows: ReactNode[] = []
  for (let row = view.first; row < view.last; row++) {
    const { line: at, part } = index.locate(row)
    const line = screen.lines[at]!
    const starts = line.length <= columns / 2 ? firstRowOnly : rowStarts(textOf(line), columns)
    const from = starts[part] ?? 0
    const to = starts[part + 1] ?? line.length
    const runs = starts.length === 1 ? line.runs : sliceRuns(line.runs, from, to)
    rows.push(
      <Row
        key={row}
        pieces={at === screen.lines.length - 1 ? newPieces(line, runs, from, paths) : keptPieces(line, runs, from, paths)}
        onPlace={go}
        // The last line changes in place.
        revision={at === screen.lines.length - 1 ? revision : 0}
        compile={line.stage === 'compile'}
        continues={to < line.length || line.continues}
        time={times ? (part === 0 && !screen.lines[at - 1]?.continues ? line.at - startedAt : null) : undefined}
      />,
    )
  }

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={(element) => {
          scroller.current = element
          if (scrolled) scrolled.current = element
        }}
        // Not announced as it grows: a flood of lines would drown everything else. The verdict is announced beside it.
        role="log"
        aria-live="off"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard.
        tabIndex={0}
        data-testid="output"
        data-lines={screen.lines.length}
        onScroll={onScroll}
        onCopy={onCopy}
        onPointerDown={() => {
          all.current = false
        }}
        onKeyDown={(event) => {
          const everything = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a'
          if (everything) {
            event.preventDefault()
            getSelection()?.selectAllChildren(event.currentTarget)
            all.current = true
          } else if (!event.ctrlKey && !event.metaKey) all.current = false
        }}
        className="absolute inset-0 overflow-auto overscroll-contain py-2 font-mono text-[12.5px] focus-visible:outline-offset-[-2px]"
      >
        {screen.lines.length === 0 ? (
          <div className="h-full">{empty}</div>
        ) : (
          <div style={{ height: view.height }} className="relative w-max min-w-full">
            <div
              style={{ transform: `translateY(${view.top}px)` }}
              className={wrap ? 'w-max min-w-full max-w-full' : 'w-max min-w-full'}
            >
              {rows}
            </div>
          </div>
        )}
      </div>
      {!atEnd && (
        <Button
          size="small"
          onClick={toEnd}
          className="-translate-x-1/2 absolute bottom-3 left-1/2 animate-appear rounded-full px-3 shadow-pop"
        >
          <ArrowDown className="size-3.5" aria-hidden />
          Latest output
        </Button>
      )}
    </div>
  )
}

const firstRowOnly = [0]
const noPlaces: readonly NamedPlace[] = []

type Piece = { run: Run; place: Place | null }

function newPieces(line: Line, runs: readonly Run[], from: number, paths: readonly string[]): readonly Piece[] {
  return piecesOf(runs, paths.length === 0 || line.length === 0 ? noPlaces : placesIn(textOf(line), paths), from)
}

const kept = new WeakMap<readonly Run[], { paths: readonly string[]; pieces: readonly Piece[] }>()
/** A row that has not changed gets the same pieces again, and is not drawn again. */
function keptPieces(line: Line, runs: readonly Run[], from: number, paths: readonly string[]): readonly Piece[] {
  const known = kept.get(runs)
  if (known?.paths === paths) return known.pieces
  const pieces = newPieces(line, runs, from, paths)
  kept.set(runs, { paths, pieces })
  return pieces
}

/** The runs of a row, cut where a place is named in it. `from` is where the row begins in its line. */
function piecesOf(runs: readonly Run[], places: readonly NamedPlace[], from: number): readonly Piece[] {
  if (places.length === 0) return runs.map((run) => ({ run, place: null }))
  const length = runs.reduce((sum, run) => sum + run.text.length, 0)
  const cuts = [0, ...places.flatMap(({ start, end }) => [start - from, end - from]), length].filter(
    (at) => at >= 0 && at <= length,
  )
  return cuts.slice(1).flatMap((end, index) => {
    const start = cuts[index] ?? 0
    const place = places.find((one) => one.start - from <= start && end <= one.end - from && start < end) ?? null
    return sliceRuns(runs, start, end).map((run) => ({ run, place }))
  })
}

const Row = memo(function Row({
  pieces,
  onPlace,
  compile,
  continues,
  time,
}: {
  pieces: readonly Piece[]
  onPlace(place: Place): void
  revision: number
  compile: boolean
  continues: boolean
  /** Milliseconds; null for a row that goes on from the one before; undefined to show no times. */
  time: number | null | undefined
}) {
  const stream = pieces.some(({ run }) => run.source === 'stderr') ? 'stderr' : undefined
  return (
    <div
      className="console-row"
      data-stream={stream}
      data-stage={compile ? 'compile' : undefined}
      data-continues={continues || undefined}
    >
      {time !== undefined && (
        <span
          className="inline-block select-none pr-3 text-right text-ink-faint text-xs"
          style={{ width: timesWidth }}
          data-time=""
        >
          {time === null ? '' : `${(Math.max(0, time) / 1000).toFixed(3)}`}
        </span>
      )}
      {pieces.map(({ run, place }, i) => {
        const { className, style } = lookOf(run)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity, and no state.
          <Fragment key={i}>
            {place ? (
              <button
                type="button"
                tabIndex={-1}
                onClick={() => onPlace(place)}
                className={clsx(className, 'place')}
                style={style}
              >
                {run.text}
              </button>
            ) : (
              <span className={className} style={style}>
                {run.text}
              </span>
            )}
          </Fragment>
        )
      })}
      {/* An empty row keeps something that can be selected. */}
      {pieces.length === 0 && ' '}
    </div>
  )
})

/** The screen that shows these chunks: it goes on with the one before as long as they do. */
function useScreen(chunks: readonly Chunk[]): Screen {
  const [initial] = useState(createScreen)
  const current = useRef(initial)
  if (!current.current.continuesWith(chunks)) current.current = createScreen()
  current.current.take(chunks)
  return current.current
}

function useRowIndex(screen: Screen, columns: number): RowIndex {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen needs an index of its own.
  const index = useMemo(() => createRowIndex(columns), [screen, columns])
  index.follow(screen.lines)
  return index
}

function widthOfCharacter(element: HTMLElement): number {
  const probe = document.createElement('span')
  probe.textContent = '0'.repeat(100)
  probe.style.cssText = 'position:absolute;visibility:hidden;white-space:pre'
  element.append(probe)
  const { width } = probe.getBoundingClientRect()
  probe.remove()
  return width / 100 || 7.5
}

/** The selected text in the program's own lines: rows that are one line stay one. */
function selectedText(root: HTMLElement, range: Range): string {
  const parts: string[] = []
  for (const row of root.querySelectorAll<HTMLElement>('.console-row')) {
    if (!range.intersectsNode(row)) continue
    const part = document.createRange()
    part.selectNodeContents(row)
    if (row.contains(range.startContainer)) part.setStart(range.startContainer, range.startOffset)
    if (row.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset)
    const copied = part.cloneContents()
    for (const time of copied.querySelectorAll('[data-time]')) time.remove()
    parts.push(row.querySelector('span:not([data-time])') ? (copied.textContent ?? '') : '')
    if (row.dataset.continues === undefined) parts.push('\n')
  }
  return parts.join('').replace(/\n$/, '')
}
