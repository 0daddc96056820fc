'use client'
import { Download, GitCompareArrows, RotateCw } from 'lucide-react'
import { DropdownMenu, Popover } from 'radix-ui'
import { type FormEvent, useState } from 'react'
import { createApiClient } from '../../protocol/api-client.ts'
import { embedSize, embedSnippet } from '../../protocol/embed.ts'
import { RunId } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { refusalOf } from '../run/run-state.ts'
import { copy } from '../share/copy.ts'
import { markShared } from '../share/mark-shared.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { Tip } from '../ui/tip.tsx'
import { useNotify } from '../ui/toasts.tsx'

const forms = [
  { form: 'txt', text: 'Output as text' },
  { form: 'md', text: 'Markdown for an issue' },
  { form: 'cast', text: 'Recording (asciicast)' },
  { form: 'json', text: 'The run as JSON' },
  { form: 'zip', text: 'Everything as a zip' },
]

/** A run in another form, to be taken elsewhere. */
export function TakeAway({ runId }: { runId: RunId }) {
  const notify = useNotify()
  async function copySnippet() {
    markShared(runId)
    const copied = await copy(embedSnippet(location.origin, runId, { ...embedSize, width: '100%' }))
    notify(
      copied
        ? { text: 'HTML copied. It shows this run in a frame of your page.' }
        : { text: 'The browser does not let this page copy.', tone: 'bad' },
    )
  }
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button look="quiet">
          <Download className="size-4" aria-hidden />
          Take away
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 min-w-48 animate-appear rounded-xl border border-line bg-raised p-1.5 shadow-pop"
        >
          {forms.map(({ form, text }) => (
            <DropdownMenu.Item key={form} asChild>
              <a
                href={`/r/${runId}.${form}`}
                className="block rounded-lg px-2.5 py-1.5 text-[0.8125rem] outline-none data-[highlighted]:bg-hover"
              >
                {text}
              </a>
            </DropdownMenu.Item>
          ))}
          <DropdownMenu.Item
            onSelect={copySnippet}
            className="cursor-pointer rounded-lg px-2.5 py-1.5 text-[0.8125rem] outline-none data-[highlighted]:bg-hover"
          >
            Copy HTML to embed it
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** Runs the same again, whatever became of it the first time, and shows both. */
export function RunAgain({ runId }: { runId: RunId }) {
  const notify = useNotify()
  const [running, setRunning] = useState(false)
  async function again() {
    setRunning(true)
    try {
      const api = createApiClient()
      const run = await api('getRun', { params: { run_id: runId } })
      const next = await api('createRun', { body: { ...requestOf(run), wait: true } })
      location.assign(`/compare/${runId}/${next.run_id}`)
    } catch (error) {
      notify({ text: `Could not run it again: ${refusalOf(error).message}`, tone: 'bad' })
      setRunning(false)
    }
  }
  return (
    <Tip text="Run the same again, and see what differs">
      <Button look="quiet" onClick={again} disabled={running}>
        <RotateCw className={running ? 'size-4 animate-spin' : 'size-4'} aria-hidden />
        {running ? 'Running…' : 'Re-run'}
      </Button>
    </Tip>
  )
}

function requestOf({ language, version, mode, only, files, entry, stdin, args, flags, tty, limits }: Run) {
  const { wall_time_ms, compile: _, ...others } = limits
  return {
    language,
    version,
    ...(mode === 'test' ? { mode } : {}),
    ...(only.length > 0 ? { only } : {}),
    files,
    entry,
    stdin,
    args,
    flags,
    ...(tty ? { tty } : {}),
    timeout_sec: Math.ceil(wall_time_ms / 1000),
    limits: others,
  }
}

/** Asks for another run and shows both. */
export function CompareWith({ runId }: { runId: string }) {
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  function compare(event: FormEvent) {
    event.preventDefault()
    const found = text.trim().match(/[0-9A-Za-z]{24}/)?.[0]
    const other = RunId.safeParse(found)
    if (other.success) location.assign(`/compare/${runId}/${other.data}`)
    else setWrong(true)
  }
  return (
    <Popover.Root>
      <Popover.Trigger className={buttonClass('quiet')}>
        <GitCompareArrows className="size-4" aria-hidden />
        Compare
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 w-80 max-w-[calc(100vw-1rem)] animate-appear rounded-xl border border-line bg-raised p-4 shadow-pop"
        >
          <form onSubmit={compare}>
            <label className="block font-medium text-[0.8125rem]">
              The link of another run
              <input
                value={text}
                onChange={(event) => {
                  setText(event.target.value)
                  setWrong(false)
                }}
                spellCheck={false}
                autoCapitalize="off"
                className="mt-2 h-9 w-full rounded-lg border border-line bg-panel px-3 font-mono text-xs max-sm:text-base"
              />
            </label>
            {wrong && (
              <p role="alert" className="mt-1.5 text-bad text-xs">
                There is no run’s address in this: it ends in 24 letters and digits.
              </p>
            )}
            <Button type="submit" look="primary" size="small" className="mt-3">
              Compare
            </Button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
