'use client'
import '../jitless.ts'
import { Pencil, Pin, PinOff, Search as SearchSign, Trash2 } from 'lucide-react'
import { AlertDialog } from 'radix-ui'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { RunSummary } from '../../protocol/run.ts'
import { seconds } from '../../protocol/words.ts'
import { Ghost } from '../brand/ghost.tsx'
import { RefusalNotice } from '../run/refusal-notice.tsx'
import { Button } from '../ui/button.tsx'
import { contentId } from '../ui/site-header.tsx'
import { Tip } from '../ui/tip.tsx'
import { When } from '../ui/when.tsx'
import { Excerpt, RunSign } from './run-line.tsx'
import { Skeleton } from './skeleton.tsx'
import { type Search, useRuns } from './use-runs.ts'

const endings = { completed: 'Finished', error: 'Failed', timeout: 'Out of time', cancelled: 'Stopped' }
const control = 'h-9 rounded-lg border border-line bg-raised px-3 text-[0.8125rem] hover:border-line-strong max-sm:text-base'

/** All runs of this visitor: to be searched, named, pinned and deleted. */
export function AllRuns({ languages }: { languages: readonly { id: string; name: string }[] }) {
  const [search, setSearch] = useState<Search>({})
  const [typed, setTyped] = useState('')
  const { runs, more, loading, refusal, loadMore, update, remove } = useRuns(search)
  const nameOfLanguage = (id: string) => languages.find((one) => one.id === id)?.name ?? id
  useEffect(() => {
    // Not at every letter: each search is a question to the database.
    const timer = setTimeout(() => setSearch((before) => (before.q === typed ? before : { ...before, q: typed })), 250)
    return () => clearTimeout(timer)
  }, [typed])
  const looking = Boolean(search.q || search.language || search.status || search.pinned)

  return (
    <main id={contentId} tabIndex={-1} className="outline-none mx-auto w-full max-w-4xl flex-1 px-4 py-8 sm:px-6">
      <h1 className="font-semibold text-xl tracking-tight">Your runs</h1>
      <p className="mt-1 text-ink-faint text-sm">
        Everything run from this browser. A run is unlisted: anyone who has its link can see it, and nobody else finds it.
      </p>
      <search className="mt-5 flex flex-wrap gap-2">
        <label className="relative min-w-56 flex-1">
          <span className="sr-only">Search in code and names</span>
          <SearchSign className="pointer-events-none absolute top-2.5 left-3 size-4 text-ink-faint" aria-hidden />
          <input
            type="search"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            placeholder="Search in code and names"
            className={`${control} w-full pl-9`}
          />
        </label>
        <Select
          label="Language"
          all="All languages"
          value={search.language}
          options={languages.map(({ id, name }) => [id, name])}
          onChange={(language) => setSearch((before) => ({ ...before, language }))}
        />
        <Select
          label="Ending"
          all="All endings"
          value={search.status}
          options={Object.entries(endings)}
          onChange={(status) => setSearch((before) => ({ ...before, status }))}
        />
        <Button
          look={search.pinned ? 'primary' : 'plain'}
          aria-pressed={search.pinned !== undefined}
          onClick={() => setSearch(({ pinned, ...rest }) => (pinned ? rest : { ...rest, pinned: 'true' }))}
        >
          <Pin className="size-4" aria-hidden />
          Pinned
        </Button>
      </search>

      <div className="mt-5 overflow-hidden rounded-xl border border-line bg-panel">
        {runs && runs.length > 0 && (
          <ul className="divide-y divide-line" aria-label="Runs">
            {runs.map((run) => (
              <Line
                key={run.run_id}
                run={run}
                language={nameOfLanguage(run.language)}
                onName={(name) => update(run, { name })}
                onPin={() => update(run, { pinned: !run.pinned })}
                onDelete={() => remove(run)}
              />
            ))}
          </ul>
        )}
        {runs?.length === 0 && !loading && (
          <div className="px-8 py-16 text-center">
            <Ghost className="mx-auto size-12 text-line-strong" />
            <p className="mt-4 font-medium">{looking ? 'Nothing fits' : 'No runs yet'}</p>
            <p className="mt-1 text-ink-faint text-sm">
              {looking ? 'No run of yours is like that.' : 'Run something and it will be here, to replay and to share.'}
            </p>
            {looking && (
              <Button
                className="mt-4"
                onClick={() => {
                  setTyped('')
                  setSearch({})
                }}
              >
                Show all runs
              </Button>
            )}
          </div>
        )}
        {refusal && (
          <RefusalNotice refusal={refusal}>
            <Button size="small" className="mt-3" onClick={loadMore}>
              Try again
            </Button>
          </RefusalNotice>
        )}
        {loading && <Skeleton rows={runs ? 1 : 6} />}
      </div>
      {more && !loading && (
        <div className="p-4 text-center">
          <Button onClick={loadMore}>Show older runs</Button>
        </div>
      )}
    </main>
  )
}

function Select({
  label,
  all,
  value,
  options,
  onChange,
}: {
  label: string
  all: string
  value: string | undefined
  options: readonly (readonly [string, string])[]
  onChange(value: string | undefined): void
}) {
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
      className={`${control} cursor-default`}
    >
      <option value="">{all}</option>
      {options.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}

function Line({
  run,
  language,
  onName,
  onPin,
  onDelete,
}: {
  run: RunSummary
  language: string
  onName(name: string | null): void
  onPin(): void
  onDelete(): void
}) {
  const [naming, setNaming] = useState(false)
  const called = run.name ?? run.message
  return (
    <li className="group relative flex items-start gap-2 pr-3 hover:bg-hover has-[a:focus-visible]:bg-hover">
      {naming ? (
        <NameField
          name={run.name ?? ''}
          onDone={(name) => {
            setNaming(false)
            if (name !== null && name !== (run.name ?? '')) onName(name === '' ? null : name)
          }}
        />
      ) : (
        <a href={`/r/${run.run_id}`} className="block min-w-0 flex-1 py-3 pl-5 outline-offset-[-2px]">
          <span className="flex items-center gap-2">
            <RunSign run={run} />
            <span className="min-w-0 truncate font-medium text-[0.8125rem]">{called}</span>
            {run.name && <span className="min-w-0 truncate text-ink-faint text-xs max-sm:hidden">{run.message}</span>}
            {run.pinned && (
              <>
                <Pin className="size-3 shrink-0 fill-current text-accent" aria-hidden />
                <span className="sr-only">pinned</span>
              </>
            )}
          </span>
          <Excerpt run={run} />
          <span className="mt-1 block text-ink-faint text-xs tabular-nums">
            {language} {run.version} · {run.duration_ms === null ? '' : `${seconds(run.duration_ms)} · `}
            <When iso={run.created_at} />
          </span>
        </a>
      )}
      <div className="flex shrink-0 pt-3">
        <Act text={`Name: ${called}`} tip="Name" onClick={() => setNaming(true)}>
          <Pencil className="size-4" aria-hidden />
        </Act>
        <Act text={`${run.pinned ? 'Unpin' : 'Pin'}: ${called}`} tip={run.pinned ? 'Unpin' : 'Pin'} onClick={onPin}>
          {run.pinned ? <PinOff className="size-4" aria-hidden /> : <Pin className="size-4" aria-hidden />}
        </Act>
        <Delete called={called} onDelete={onDelete} />
      </div>
    </li>
  )
}

function Act({ text, tip, onClick, children }: { text: string; tip: string; onClick(): void; children: ReactNode }) {
  return (
    <Tip text={tip}>
      <Button look="quiet" size="icon" aria-label={text} onClick={onClick}>
        {children}
      </Button>
    </Tip>
  )
}

function NameField({ name, onDone }: { name: string; onDone(name: string | null): void }) {
  const [text, setText] = useState(name)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  return (
    <form
      className="min-w-0 flex-1 py-3 pl-5"
      onSubmit={(event) => {
        event.preventDefault()
        onDone(text.trim())
      }}
    >
      <input
        ref={field}
        value={text}
        maxLength={120}
        aria-label="Name of this run"
        placeholder="A name for it; empty for none"
        onChange={(event) => setText(event.target.value)}
        onBlur={() => onDone(text.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone(null)
        }}
        className={`${control} w-full`}
      />
    </form>
  )
}

/** Asks first: there is no way back. */
function Delete({ called, onDelete }: { called: string; onDelete(): void }) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>
        <Button look="quiet" size="icon" aria-label={`Delete: ${called}`} className="hover:text-bad">
          <Trash2 className="size-4" aria-hidden />
        </Button>
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 bg-black/35" />
        <AlertDialog.Content className="-translate-x-1/2 -translate-y-1/2 fixed top-1/2 left-1/2 z-50 w-[26rem] max-w-[calc(100vw-1.5rem)] animate-appear rounded-xl border border-line bg-raised p-5 shadow-pop">
          <AlertDialog.Title className="font-semibold">Delete this run?</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-ink-soft text-sm">
            Its code, its input and everything it wrote are gone for good. Whoever has its link will read that it was deleted.
          </AlertDialog.Description>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>Keep it</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button look="danger" onClick={onDelete}>
                Delete
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
