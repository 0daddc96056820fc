import type { CSSProperties } from 'react'
import { type Colour, paletteColour, plainStyle } from './ansi.ts'
import type { Run } from './screen.ts'

/** How a run of text looks. A program's colours become values of CSS properties, from a closed set of forms; its text never does. */
export function lookOf({ style, source }: Run): { className: string; style: CSSProperties } {
  const classes: string[] = []
  const css: Record<string, string | number> = {}
  if (style.mark) classes.push('ansi-mark')
  if (source === 'input') classes.push('text-accent font-medium')
  else if (source === 'stderr' && style.foreground === null && !style.inverse) classes.push('text-bad')
  if (style !== plainStyle) {
    const [front, back] = style.inverse ? [style.background, style.foreground] : [style.foreground, style.background]
    if (style.inverse) css.background = back === null ? 'var(--ink)' : cssColour(back)
    else if (back !== null)
      css.background = isOfTheme(back) ? `color-mix(in oklab, ${cssColour(back)} 17%, var(--panel))` : cssColour(back)
    if (front === null) {
      if (style.inverse) css.color = back === null || isOfTheme(back) ? 'var(--panel)' : inkOn(back)
      else if (back !== null && !isOfTheme(back)) css.color = inkOn(back)
    } else if (isOfTheme(front) || back !== null || style.inverse) css.color = cssColour(front)
    else {
      // On our paper a colour of the program's own is made readable; on a background of its own the pair is kept.
      classes.push('ansi-own')
      css['--own'] = cssColour(front)
    }
    if (style.bold) css.fontWeight = 700
    if (style.dim) css.opacity = 0.7
    if (style.italic) css.fontStyle = 'italic'
    const lines = [style.underline && 'underline', style.strike && 'line-through'].filter(Boolean)
    if (lines.length) css.textDecoration = lines.join(' ')
  }
  return { className: classes.join(' '), style: css as CSSProperties }
}

const isOfTheme = (colour: Colour): colour is number => typeof colour === 'number' && colour < 16

function cssColour(colour: Colour): string {
  if (isOfTheme(colour)) return `var(--ansi-${colour})`
  return typeof colour === 'string' ? colour : paletteColour(colour)
}

/** Black or white, whichever can be read on a colour that is not the theme's. */
function inkOn(colour: Colour): string {
  const hex = typeof colour === 'string' ? colour : paletteColour(colour)
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number]
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? '#000' : '#fff'
}
