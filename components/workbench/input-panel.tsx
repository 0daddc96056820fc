'use client'

/** What the program is given as it starts: its input, and its arguments. */
export function InputPanel({
  stdin,
  args,
  onChange,
}: {
  stdin: string
  args: readonly string[]
  onChange(change: { stdin?: string; args?: string[] }): void
}) {
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto bg-panel p-4">
      <label className="flex min-h-40 flex-1 flex-col gap-1.5">
        <span className="font-medium text-[0.8125rem]">Standard input</span>
        <span className="text-ink-faint text-xs">
          The program gets exactly this, and then the end of input. Leave it empty to type while the program runs.
        </span>
        <textarea
          value={stdin}
          onChange={(event) => onChange({ stdin: event.target.value })}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          className="mt-1 min-h-24 flex-1 resize-none rounded-lg border border-line bg-panel p-3 font-mono text-[16px] leading-5 md:text-[12.5px]"
        />
      </label>
      <label className="flex flex-col gap-1.5">
        <span className="font-medium text-[0.8125rem]">Arguments</span>
        <span className="text-ink-faint text-xs">One on each line.</span>
        <textarea
          value={args.join('\n')}
          onChange={(event) => onChange({ args: event.target.value === '' ? [] : event.target.value.split('\n') })}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          rows={3}
          className="mt-1 resize-none rounded-lg border border-line bg-panel p-3 font-mono text-[16px] leading-5 md:text-[12.5px]"
        />
      </label>
    </div>
  )
}
