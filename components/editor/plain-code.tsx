import { deceptive, nameOf } from '../console/ansi.ts'

/** More would make the page slow to open, and the editor that follows shows all of it. */
const mostCharacters = 200_000

/** Code as the server renders it: to be read before, or without, the editor. It stands where the editor's lines will stand. */
export function PlainCode({ text }: { text: string }) {
  const shown = text.slice(0, mostCharacters).replace(deceptive, (character) => `⟨${nameOf(character)}⟩`)
  const lines = shown.split('\n')
  const digits = Math.max(3, String(lines.length).length)
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard.
      tabIndex={0}
      aria-label="Code"
      className="whitespace-pre h-full overflow-auto py-3 font-mono text-[13px] text-ink leading-[21px]"
      style={{ fontVariantLigatures: 'none', tabSize: 4 }}
    >
      <code className="grid w-max min-w-full" style={{ gridTemplateColumns: `calc(${digits}ch + 26px) 1fr` }}>
        <span aria-hidden className="select-none pr-[26px] text-right text-ink-faint">
          {lines.map((_, i) => i + 1).join('\n')}
        </span>
        <span>{shown}</span>
      </code>
    </section>
  )
}
