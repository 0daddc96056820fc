'use client'
import { type ReactNode, useState } from 'react'
import type { Language } from '../../protocol/language.ts'
import { defaultLimits } from '../../protocol/limits.ts'
import { bytes } from '../../protocol/words.ts'
import type { Draft } from '../drafts/drafts.ts'
import { envText, type Flag, flagsOf, memoryChoices, parseEnv, timeChoices, withFlag, withMemory, withTime } from './options.ts'

const field =
  'w-full resize-none rounded-lg border border-line bg-panel p-2.5 font-mono text-[16px] leading-5 md:text-[12.5px] hover:border-line-strong'
const select =
  'h-8 w-full cursor-default rounded-lg border border-line bg-panel px-2 text-[0.8125rem] hover:border-line-strong max-sm:h-10 max-sm:text-base'

/** What the program is given as it starts, and what it may use. */
export function OptionsDrawer({ draft, language, onChange }: { draft: Draft; language: Language; onChange(draft: Draft): void }) {
  const flags = flagsOf(draft, language)
  return (
    <section
      aria-label="Input and options"
      className="grid max-h-[55%] shrink-0 gap-x-5 gap-y-4 overflow-y-auto border-line border-t bg-sunken p-4 md:grid-cols-2"
    >
      <Field
        name="Standard input"
        note="The program gets exactly this, then the end of input. Leave it empty to type while it runs."
      >
        {(id) => (
          <textarea
            id={id}
            value={draft.stdin}
            onChange={(event) => onChange({ ...draft, stdin: event.target.value })}
            rows={4}
            {...plainText}
            className={`${field} min-h-24 flex-1`}
          />
        )}
      </Field>
      <div className="flex flex-col gap-4">
        <Field name="Arguments" note="One on each line.">
          {(id) => (
            <textarea
              id={id}
              value={draft.args.join('\n')}
              onChange={(event) => onChange({ ...draft, args: event.target.value === '' ? [] : event.target.value.split('\n') })}
              rows={2}
              {...plainText}
              className={field}
            />
          )}
        </Field>
        <Environment draft={draft} onChange={onChange} />
      </div>
      <div className="grid grid-cols-2 content-start gap-4">
        <Field name="Time">
          {(id) => (
            <select
              id={id}
              value={draft.limits?.wall_time_ms ?? draft.limits?.cpu_time_ms ?? ''}
              onChange={(event) => onChange(withTime(draft, Number(event.target.value) || undefined))}
              className={select}
            >
              <option value="">As usual</option>
              {timeChoices.map((ms) => (
                <option key={ms} value={ms}>
                  {ms / 1000} s
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field name="Memory">
          {(id) => (
            <select
              id={id}
              value={draft.limits?.memory_bytes ?? defaultLimits.memory_bytes}
              onChange={(event) => onChange(withMemory(draft, Number(event.target.value)))}
              className={select}
            >
              {memoryChoices.map((size) => (
                <option key={size} value={size}>
                  {bytes(size)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Check
          label="Terminal"
          note="A real one: colours, cursor keys, programs that draw."
          checked={draft.tty === true}
          onChange={(on) => onChange({ ...draft, tty: on || undefined })}
        />
      </div>
      {flags.length > 0 && (
        <fieldset>
          <legend className="font-medium text-[0.8125rem]">Flags</legend>
          <div className="mt-1.5 grid max-h-44 gap-x-4 gap-y-1.5 overflow-y-auto rounded-lg border border-line bg-panel p-2.5">
            {flags.map((flag) => (
              <Check
                key={`${flag.stage} ${flag.word}`}
                label={<code className="font-mono text-xs">{flag.word}</code>}
                note={flag.description}
                checked={isOn(draft, flag)}
                onChange={(on) => onChange(withFlag(draft, flag, on))}
              />
            ))}
          </div>
        </fieldset>
      )}
    </section>
  )
}

const plainText = { spellCheck: false, autoCapitalize: 'off', autoCorrect: 'off' } as const
const isOn = (draft: Draft, { stage, word }: Flag) => draft.flags?.[stage]?.includes(word) ?? false

/** Kept as it is typed: a line that is half written is no variable yet, and must not vanish. */
function Environment({ draft, onChange }: { draft: Draft; onChange(draft: Draft): void }) {
  const [text, setText] = useState(() => envText(draft.env ?? {}))
  const { env, problem } = parseEnv(text)
  const written = envText(env)
  const given = envText(draft.env ?? {})
  const shown = written === given ? text : given
  return (
    <Field name="Environment" note="NAME=value, one on each line." problem={written === given ? problem : null}>
      {(id) => (
        <textarea
          id={id}
          value={shown}
          aria-invalid={problem !== null}
          onChange={(event) => {
            setText(event.target.value)
            onChange({ ...draft, env: parseEnv(event.target.value).env })
          }}
          rows={2}
          {...plainText}
          className={field}
        />
      )}
    </Field>
  )
}

function Field({
  name,
  note,
  problem,
  children,
}: {
  name: string
  note?: string
  problem?: string | null
  children(id: string): ReactNode
}) {
  const id = `option-${name.toLowerCase().replace(/\W+/g, '-')}`
  return (
    <div className="flex min-w-0 flex-col">
      <label htmlFor={id} className="font-medium text-[0.8125rem]">
        {name}
      </label>
      {note && <p className="mb-1.5 text-ink-faint text-xs">{note}</p>}
      {!note && <span className="mb-1.5" />}
      {children(id)}
      {problem && (
        <p role="alert" className="mt-1 text-bad text-xs">
          {problem}
        </p>
      )}
    </div>
  )
}

function Check({
  label,
  note,
  checked,
  onChange,
}: {
  label: ReactNode
  note: string
  checked: boolean
  onChange(on: boolean): void
}) {
  return (
    <label className="flex items-start gap-2 text-[0.8125rem]">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-accent-fill"
      />
      <span className="min-w-0">
        <span className="block">{label}</span>
        <span className="block text-ink-faint text-xs">{note}</span>
      </span>
    </label>
  )
}
