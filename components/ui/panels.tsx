'use client'
import clsx from 'clsx'
import { type ReactNode, useRef } from 'react'
import { Group, type GroupImperativeHandle, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'
import { keep, kept } from './kept.ts'

export type PanelSpec = {
  id: string
  content: ReactNode
  /** Share of the whole, in percent, until somebody drags. */
  size: number
  /** In percent. */
  least?: number
  /** On a narrow screen only one is there. */
  hiddenOnPhone?: boolean
}

/** Panels side by side or one above the other, with bars between them to drag. Their sizes are kept in this browser under `id`. */
export function Panels({
  id,
  orientation,
  panels,
}: {
  id: string
  orientation: 'horizontal' | 'vertical'
  panels: readonly PanelSpec[]
}) {
  const group = useRef<GroupImperativeHandle | null>(null)
  const ids = panels.map((panel) => panel.id)
  const { defaultLayout, onLayoutChanged } = useDefaultLayout({
    id: `${id}.${orientation}`,
    panelIds: ids,
    storage: keptLayouts,
    onlySaveAfterUserInteractions: true,
  })
  const reset = () => group.current?.setLayout(Object.fromEntries(panels.map((panel) => [panel.id, panel.size])))

  return (
    <Group
      groupRef={group}
      orientation={orientation}
      defaultLayout={defaultLayout}
      onLayoutChanged={onLayoutChanged}
      // On a narrow screen one panel takes all the room. The library sizes an element around the one that has our classes.
      className="min-h-0 flex-1 max-md:[&>[data-hidden-on-phone]]:hidden! max-md:[&>[data-panel]]:grow! max-md:flex-col!"
    >
      {panels.flatMap((panel, at) => [
        ...(at === 0
          ? []
          : [<Bar key={`bar-${panel.id}`} orientation={orientation} label={`Size of ${panels[at - 1]?.id}`} onReset={reset} />]),
        <Panel
          key={panel.id}
          id={panel.id}
          data-hidden-on-phone={panel.hiddenOnPhone || undefined}
          defaultSize={`${panel.size}%`}
          minSize={`${panel.least ?? 15}%`}
          className="flex min-h-0 min-w-0 flex-col"
        >
          {panel.content}
        </Panel>,
      ])}
    </Group>
  )
}

function Bar({ orientation, label, onReset }: { orientation: 'horizontal' | 'vertical'; label: string; onReset(): void }) {
  const upright = orientation === 'horizontal'
  return (
    <Separator
      aria-label={label}
      onDoubleClick={onReset}
      className={clsx(
        'group relative shrink-0 bg-line outline-none max-md:hidden',
        upright ? 'w-px cursor-col-resize' : 'h-px cursor-row-resize',
      )}
    >
      <span
        className={clsx(
          'absolute z-10 bg-accent opacity-0 transition-opacity group-hover:opacity-60 group-focus-visible:opacity-100 group-data-[separator=active]:opacity-100',
          upright ? '-inset-x-px inset-y-0' : '-inset-y-px inset-x-0',
        )}
      />
    </Separator>
  )
}

const keptLayouts = { getItem: kept, setItem: keep }
