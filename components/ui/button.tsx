import clsx from 'clsx'
import type { ComponentProps } from 'react'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'
const looks: Record<Look, string> = {
  primary: 'bg-accent-fill text-white hover:bg-accent-fill-hover shadow-sm',
  plain: 'border border-line bg-raised text-ink hover:bg-hover hover:border-line-strong',
  quiet: 'text-ink-soft hover:bg-hover hover:text-ink',
  danger: 'border border-bad/40 bg-bad-wash text-bad hover:border-bad',
}
const sizes = {
  medium: 'h-9 gap-2 rounded-lg px-3 text-[0.8125rem]',
  small: 'h-7 gap-1.5 rounded-md px-2 text-xs',
  icon: 'size-8 rounded-lg',
}

/** The looks of a button, for links that act like one. */
export const buttonClass = (look: Look = 'plain', size: keyof typeof sizes = 'medium', more?: string): string =>
  clsx(
    'inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap font-medium transition-colors',
    'disabled:pointer-events-none disabled:opacity-45 aria-disabled:opacity-45',
    looks[look],
    sizes[size],
    more,
  )

export function Button({
  look,
  size,
  className,
  ...props
}: ComponentProps<'button'> & { look?: Look; size?: keyof typeof sizes }) {
  return <button type="button" {...props} className={buttonClass(look, size, className)} />
}
