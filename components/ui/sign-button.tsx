import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Tip } from './tip.tsx'

/** A button that is only a sign, with its words on hover. With `pressed` it is one that stays down. */
export function SignButton({
  text,
  name = text,
  pressed,
  disabled,
  onClick,
  children,
}: {
  text: string
  /** For a screen reader, where the words on hover say more than the name. */
  name?: string
  pressed?: boolean
  disabled?: boolean
  onClick(): void
  children: ReactNode
}) {
  return (
    <Tip text={text}>
      <Button
        look="quiet"
        size="icon"
        aria-label={name}
        aria-pressed={pressed}
        disabled={disabled}
        onClick={onClick}
        className={pressed ? 'bg-hover text-ink' : undefined}
      >
        {children}
      </Button>
    </Tip>
  )
}
