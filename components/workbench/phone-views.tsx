'use client'

type View = 'files' | 'code' | 'output'
const names = { files: 'Files', code: 'Code', output: 'Output' }

/** On a narrow screen there is room for one of the two. */
export function PhoneViews({ view, onSelect }: { view: View; onSelect(view: View): void }) {
  return (
    <fieldset className="flex shrink-0 gap-1 border-line border-b bg-panel px-3 py-1.5 md:hidden">
      <legend className="sr-only">What to show</legend>
      {(['files', 'code', 'output'] as const).map((side) => (
        <button
          key={side}
          type="button"
          aria-pressed={view === side}
          onClick={() => onSelect(side)}
          className={`h-8 flex-1 rounded-md font-medium text-[0.8125rem] ${view === side ? 'bg-hover text-ink' : 'text-ink-faint'}`}
        >
          {names[side]}
        </button>
      ))}
    </fieldset>
  )
}
