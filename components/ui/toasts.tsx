'use client'
import { X } from 'lucide-react'
import { Toast, Tooltip } from 'radix-ui'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'

export type Notice = { text: string; tone?: 'plain' | 'bad'; action?: { label: string; run: () => void } }

const Notify = createContext<(notice: Notice) => void>(() => {})
/** Says something briefly, in the corner. */
export const useNotify = () => useContext(Notify)

/** What every page of ours is wrapped in: room for notices and tooltips. */
export function Providers({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<(Notice & { id: number })[]>([])
  const notify = useCallback((notice: Notice) => {
    // The oldest goes when there are too many to read.
    setNotices((all) => [...all.slice(-2), { ...notice, id: (all.at(-1)?.id ?? 0) + 1 }])
  }, [])
  const remove = (id: number) => setNotices((all) => all.filter((notice) => notice.id !== id))
  return (
    <Notify value={notify}>
      <Tooltip.Provider delayDuration={350} skipDelayDuration={200}>
        <Toast.Provider duration={5000} swipeDirection="right">
          {children}
          {notices.map((notice) => (
            <Toast.Root
              key={notice.id}
              duration={notice.action ? 10_000 : 4000}
              onOpenChange={(open) => !open && remove(notice.id)}
              className="flex animate-appear items-center gap-3 rounded-xl border border-line bg-raised py-2.5 pr-2 pl-4 shadow-pop"
            >
              <Toast.Description
                className={notice.tone === 'bad' ? 'min-w-0 flex-1 break-words text-bad' : 'min-w-0 flex-1 break-words'}
              >
                {notice.text}
              </Toast.Description>
              {notice.action && (
                <Toast.Action
                  altText={notice.action.label}
                  onClick={notice.action.run}
                  className="h-7 rounded-md px-2 font-medium text-accent text-xs hover:bg-hover"
                >
                  {notice.action.label}
                </Toast.Action>
              )}
              <Toast.Close
                aria-label="Close"
                className="grid size-7 place-items-center rounded-md text-ink-faint hover:bg-hover hover:text-ink"
              >
                <X className="size-3.5" aria-hidden />
              </Toast.Close>
            </Toast.Root>
          ))}
          <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none" />
        </Toast.Provider>
      </Tooltip.Provider>
    </Notify>
  )
}
