'use client'
import { Settings2 } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useId } from 'react'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'
import { keymapNames, keymaps } from './keymaps.ts'
import { longLines, textSizes, useEditorSettings } from './settings.ts'

/** A button for how the editor behaves for this person. */
export function EditorSettings() {
  const { keymap, setKeymap, textSize, setTextSize, lines, setLines } = useEditorSettings()
  return (
    <Popover.Root>
      <Tip text="Editor settings">
        <Popover.Trigger asChild>
          <Button look="quiet" size="icon" aria-label="Editor settings">
            <Settings2 className="size-4" aria-hidden />
          </Button>
        </Popover.Trigger>
      </Tip>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Editor settings"
          className="z-50 grid w-64 animate-appear grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2.5 rounded-xl border border-line bg-raised p-4 shadow-pop"
        >
          <Choice name="Key bindings" value={keymap} choices={keymaps} words={keymapNames} onChange={setKeymap} />
          {keymap !== 'standard' && (
            <p className="col-span-2 text-ink-soft text-xs">Most browsers keep Ctrl+W, Ctrl+N and Ctrl+T for their tabs.</p>
          )}
          <Choice name="Text size" value={textSize} choices={bySize} onChange={setTextSize} />
          <Choice name="Long lines" value={lines} choices={longLines} words={lineWords} onChange={setLines} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

const lineWords = { scroll: 'Scroll', wrap: 'Wrap' }
const bySize = textSizes.toSorted((a, b) => Number(a) - Number(b))

function Choice<Value extends string>({
  name,
  value,
  choices,
  words,
  onChange,
}: {
  name: string
  value: Value
  choices: readonly Value[]
  words?: Record<Value, string>
  onChange(value: Value): void
}) {
  const id = useId()
  return (
    <>
      <label htmlFor={id} className="text-[0.8125rem]">
        {name}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
        className="h-8 w-full min-w-0 cursor-default rounded-lg border border-line bg-panel px-2 text-[0.8125rem] hover:border-line-strong max-sm:h-10 max-sm:text-base"
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {words?.[choice] ?? choice}
          </option>
        ))}
      </select>
    </>
  )
}
