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
import { FindBar } from './find-bar.tsx'
import { lookOf } from './looks.ts'
import { type NamedPlace, placesIn } from './places.ts'
import { createRowIndex, type RowIndex, rowStarts, scrollTopOf, sliceRuns, visibleRows } from './rows.ts'
import { createScreen, type Line, type Run, type Screen, screenColumns, screenText, textOf } from './screen.ts'
import { createSearch, type Match, type Search } from './search.ts'
import { createSelection, type Selection, type SelectionOptions } from './selection.ts'

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
  finding = false,
  onFindingEnd,
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
  /** Shows what one can look for, and leave out. */
  finding?: boolean
  onFindingEnd?(): void
  label?: string
}) {
  const screen = useScreen(chunks)
  const [options, setOptions] = useState(everything)
  const [text, setText] = useState('')
  const [current, setCurrent] = useState(0)
  const selection = useSelection(screen, finding ? options : everything)
  const search = useSearch(selection, finding ? text : '')
  const { paths, go } = usePlaces()
  const scroller = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ height: 0, columns: 80 })
  const [scrollTop, setScrollTop] = useState(0)
  const [atEnd, setAtEnd] = useState(true)
  /** Everything was asked for with Ctrl+A, also what is not in view. */
  const all = useRef(false)

  const columns = wrap ? Math.max(8, size.columns - (times ? Math.ceil(timesWidth / 8) : 0)) : screenColumns
  const index = useRowIndex(selection, columns)
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
    // Where nothing is, nothing is asked of the layout: it would be done twice in the moment in which a run starts.
    if (atEnd && index.rows > 0) toEnd()
  }, [revision, screen, index.rows, size.height, atEnd, toEnd])

  function show(at: number): void {
    const match = search.matches[at]
    const element = scroller.current
    setCurrent(at)
    if (!match || !element) return
    setAtEnd(false)
    element.scrollTop = scrollTopOf(index.rowOf(match.line), { viewport: element.clientHeight, rows: index.rows, rowHeight })
  }

  /** What was found first is not shown yet: the lines are read in several goes. */
  const unshown = useRef(false)
  useEffect(() => {
    if (!unshown.current || search.matches.length === 0) return
    unshown.current = false
    show(0)
  })

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
    const line = selection.lines[at]!
    const starts = line.length <= columns / 2 ? firstRowOnly : rowStarts(textOf(line), columns)
    const from = starts[part] ?? 0
    const to = starts[part + 1] ?? line.length
    const runs = starts.length === 1 ? line.runs : sliceRuns(line.runs, from, to)
    const isLast = at === selection.lines.length - 1
    const pieces = isLast ? newPieces(line, runs, from, paths) : keptPieces(line, runs, from, paths)
    rows.push(
      <Row
        key={row}
        pieces={search.text === '' ? pieces : withMatches(pieces, matchesIn(search.matches, at), search.matches[current], from)}
        onPlace={go}
        // The last line changes in place.
        revision={isLast ? revision : 0}
        compile={line.stage === 'compile'}
        continues={to < line.length || line.continues}
        repeats={part === 0 ? (selection.repeats[at] ?? 1) : 1}
        time={times ? (part === 0 && !selection.lines[at - 1]?.continues ? line.at - startedAt : null) : undefined}
      />,
    )
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {finding && (
        <FindBar
          search={search}
          current={Math.min(current, Math.max(0, search.matches.length - 1))}
          options={options}
          onText={(wanted) => {
            setText(wanted)
            setCurrent(0)
            unshown.current = true
          }}
          onStep={(by) => {
            const { length } = search.matches
            if (length > 0) show((current + by + length) % length)
          }}
          onOptions={(wanted) => {
            setOptions(wanted)
            setCurrent(0)
          }}
          onClose={() => {
            onFindingEnd?.()
            scroller.current?.focus()
          }}
        />
      )}
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
          ) : selection.lines.length === 0 ? (
            <p className="px-4 font-sans text-ink-faint text-sm">Nothing was written to {options.stream}.</p>
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
    </div>
  )
}

const everything: SelectionOptions = { stream: 'all', collapse: false }

const firstRowOnly = [0]
const noPlaces: readonly NamedPlace[] = []

type Piece = { run: Run; place: Place | null; found?: 'match' | 'current' }

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

/** The matches of one line: they are listed in the order of lines. */
function matchesIn(matches: readonly Match[], line: number): readonly Match[] {
  let low = 0
  let high = matches.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (matches[middle]!.line < line) low = middle + 1
    else high = middle
  }
  let end = low
  while (matches[end]?.line === line) end++
  return matches.slice(low, end)
}

/** The pieces of a row, cut where something was found. `from` is where the row begins in its line. */
function withMatches(
  pieces: readonly Piece[],
  matches: readonly Match[],
  current: Match | undefined,
  from: number,
): readonly Piece[] {
  if (matches.length === 0) return pieces
  let at = from
  return pieces.flatMap((piece) => {
    const start = at
    const { length } = piece.run.text
    at += length
    const cuts = [0, ...matches.flatMap((match) => [match.start - start, match.end - start]), length]
      .filter((cut) => cut >= 0 && cut <= length)
      .sort((a, b) => a - b)
    return cuts.slice(1).flatMap((end, index): Piece[] => {
      const begin = cuts[index] ?? 0
      if (begin === end) return []
      const match = matches.find((one) => one.start - start <= begin && end <= one.end - start)
      return [
        {
          ...piece,
          run: { ...piece.run, text: piece.run.text.slice(begin, end) },
          ...(match ? { found: match === current ? 'current' : 'match' } : {}),
        },
      ]
    })
  })
}

const Row = memo(function Row({
  pieces,
  onPlace,
  compile,
  continues,
  repeats,
  time,
}: {
  pieces: readonly Piece[]
  onPlace(place: Place): void
  revision: number
  compile: boolean
  continues: boolean
  /** How many equal lines this one stands for. */
  repeats: number
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
      {pieces.map(({ run, place, found }, i) => {
        const look = lookOf(run)
        const { style } = look
        const className = found ? clsx(look.className, 'found') : look.className
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
                data-found={found}
              >
                {run.text}
              </button>
            ) : (
              <span className={className} style={style} data-found={found}>
                {run.text}
              </span>
            )}
          </Fragment>
        )
      })}
      {/* An empty row keeps something that can be selected. */}
      {pieces.length === 0 && ' '}
      {repeats > 1 && (
        <span className="ml-2 select-none rounded-full bg-hover px-2 text-ink-soft text-xs" data-time="">
          {repeats.toLocaleString('en')} times
        </span>
      )}
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

function useSelection(screen: Screen, { stream, collapse }: SelectionOptions): Selection {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen needs a selection of its own.
  const selection = useMemo(() => createSelection({ stream, collapse }), [screen, stream, collapse])
  selection.follow(screen.lines)
  return selection
}

function useSearch(selection: Selection, text: string): Search {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection needs a search of its own.
  const search = useMemo(() => createSearch(text), [selection, text])
  search.follow(selection.lines)
  const [, goOn] = useState(0)
  useEffect(() => {
    if (search.complete) return
    // After whatever the person did meanwhile.
    const timer = setTimeout(() => goOn((n) => n + 1))
    return () => clearTimeout(timer)
  })
  return search
}

function useRowIndex(selection: Selection, columns: number): RowIndex {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection needs an index of its own.
  const index = useMemo(() => createRowIndex(columns), [selection, columns])
  index.follow(selection.lines)
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
