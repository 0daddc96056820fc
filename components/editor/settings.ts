import { useMemo } from 'react'
import { useChoice } from '../ui/kept.ts'
import { keymaps } from './keymaps.ts'

/** Pixels, as strings: they are kept as text. */
export const textSizes = ['13', '11', '12', '14', '16', '18', '22'] as const
export const longLines = ['scroll', 'wrap'] as const

/** How somebody likes to write, kept in this browser and the same in every editor of the page. */
export function useEditorSettings() {
  const [keymap, setKeymap] = useChoice('bugghost.keymap', keymaps)
  const [textSize, setTextSize] = useChoice('bugghost.text-size', textSizes)
  const [lines, setLines] = useChoice('bugghost.long-lines', longLines)
  return useMemo(
    () => ({ keymap, setKeymap, textSize, setTextSize, lines, setLines }),
    [keymap, setKeymap, textSize, setTextSize, lines, setLines],
  )
}
