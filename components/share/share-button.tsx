'use client'
import { Check, Link2 } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type ComponentProps, useEffect, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { useNotify } from '../ui/toasts.tsx'
import { copy } from './copy.ts'

/** Copies the address of a run; shows it to be copied by hand where the browser does not let us. */
export function ShareButton({
  path,
  label,
  disabledReason,
  look,
  compact = false,
  onShare,
}: {
  /** Like "/r/<run_id>"; null while there is nothing to share. */
  path: string | null
  label: string
  disabledReason?: string
  look?: ComponentProps<typeof Button>['look']
  /** On a narrow screen without its words. */
  compact?: boolean
  /** The address is about to be given away. */
  onShare?: () => void
}) {
  const notify = useNotify()
  const [done, setDone] = useState(false)
  const [byHand, setByHand] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), 2000)
    return () => clearTimeout(timer)
  }, [done])

  async function share() {
    if (!path) return
    onShare?.()
    const url = new URL(path, location.href).href
    if (await copy(url)) {
      setDone(true)
      notify({ text: 'Link copied. Unlisted: anyone who has it can see this run.' })
    } else setByHand(url)
  }

  return (
    <Popover.Root open={byHand !== null} onOpenChange={(open) => !open && setByHand(null)}>
      <Popover.Anchor asChild>
        <Button
          look={look}
          onClick={share}
          disabled={!path}
          title={path ? undefined : disabledReason}
          data-testid="share"
          className={compact ? 'max-sm:px-2.5' : undefined}
        >
          {done ? <Check className="size-4 text-good" aria-hidden /> : <Link2 className="size-4" aria-hidden />}
          <span className={compact ? 'max-sm:sr-only' : undefined}>{label}</span>
        </Button>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={8}
          collisionPadding={12}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            field.current?.select()
          }}
          className="z-50 w-80 max-w-[calc(100vw-1.5rem)] animate-appear rounded-xl border border-line bg-raised p-3 shadow-pop"
        >
          <label className="block text-ink-soft text-xs">
            The browser does not let this page copy. Copy the link yourself:
            <input
              ref={field}
              readOnly
              value={byHand ?? ''}
              onFocus={(event) => event.target.select()}
              className="mt-2 w-full rounded-md border border-line bg-sunken px-2 py-1.5 font-mono text-ink text-xs"
            />
          </label>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
