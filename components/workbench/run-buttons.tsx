'use client'
import clsx from 'clsx'
import { FlaskConical, Play, Square } from 'lucide-react'
import type { Mode } from '../../protocol/run.ts'
import { Hint } from '../actions/shortcut.tsx'
import { Button } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'

/** Run or stop; and, where the language has a test framework, which of the two it is that runs. */
export function RunButtons({
  mode,
  framework,
  onMode,
  disabled,
  underWay,
  stoppable,
  onRun,
  onStop,
}: {
  mode: Mode
  /** Of test mode; null where there is none. */
  framework: string | null
  onMode(mode: Mode): void
  disabled: boolean
  underWay: boolean
  stoppable: boolean
  onRun(): void
  onStop(): void
}) {
  const test = mode === 'test'
  return (
    <div className="flex items-center gap-2 max-sm:gap-1">
      {framework && (
        <Tip text={test ? `${framework} runs over your files` : `Run tests with ${framework}`}>
          <Button
            look="quiet"
            aria-label="Test mode"
            aria-pressed={test}
            onClick={() => onMode(test ? 'run' : 'test')}
            className={clsx('max-sm:px-2', test && 'bg-accent-wash text-accent hover:bg-accent-wash hover:text-accent')}
          >
            <FlaskConical className="size-4" aria-hidden />
            <span className="max-lg:hidden">Tests</span>
          </Button>
        </Tip>
      )}
      {underWay ? (
        <Tip text={<Hint text="Stop the program" keys="Mod+." />}>
          <Button
            look="danger"
            onClick={onStop}
            disabled={!stoppable}
            className="w-24 max-sm:w-20 max-sm:px-2"
            data-testid="stop"
          >
            <Square className="size-3.5 fill-current" aria-hidden />
            Stop
          </Button>
        </Tip>
      ) : (
        <Tip text={<Hint text={test ? 'Run the tests' : 'Run the program'} keys="Mod+Enter" />}>
          <Button look="primary" onClick={onRun} disabled={disabled} className="w-24 max-sm:w-20 max-sm:px-2" data-testid="run">
            {test ? <FlaskConical className="size-3.5" aria-hidden /> : <Play className="size-3.5 fill-current" aria-hidden />}
            {test ? 'Test' : 'Run'}
          </Button>
        </Tip>
      )}
    </div>
  )
}
