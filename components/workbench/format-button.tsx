import { LoaderCircle, WandSparkles } from 'lucide-react'
import { Hint } from '../actions/shortcut.tsx'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'
import type { Format } from './use-format.ts'

/** Formats the file that is shown; says by what, or why not. */
export function FormatButton({ by, unavailable, underWay, start }: Format) {
  const text = unavailable ?? (underWay ? `${by} is formatting` : `Format with ${by}`)
  return (
    <Tip text={unavailable ? text : <Hint text={text} keys="Mod+s" />}>
      {/* Not `disabled`: a button that is off has no words on hover, and those are the reason. */}
      <Button
        look="quiet"
        size="icon"
        aria-label={unavailable ? `Format: ${unavailable}` : text}
        aria-disabled={unavailable !== null}
        aria-busy={underWay}
        onClick={() => unavailable === null && start()}
      >
        {underWay ? (
          <LoaderCircle className="size-4 animate-spin motion-reduce:animate-none" aria-hidden />
        ) : (
          <WandSparkles className="size-4" aria-hidden />
        )}
      </Button>
    </Tip>
  )
}
