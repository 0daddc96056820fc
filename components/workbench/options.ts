import type { Language } from '../../protocol/language.ts'
import { defaultLimits, MiB } from '../../protocol/limits.ts'
import { bytes, seconds } from '../../protocol/words.ts'
import { type Draft, versionOf } from '../drafts/drafts.ts'

/** What of a draft is not as usual, a word each, with what takes it back. */
export type Chip = { id: string; text: string; without: Draft }

export function chipsOf(draft: Draft, language: Language): Chip[] {
  const chips: Chip[] = []
  const { stdin, args, env = {}, limits = {}, flags = {}, tty } = draft
  if (stdin !== '')
    chips.push({ id: 'stdin', text: `Input: ${countOf(linesOf(stdin), 'line')}`, without: { ...draft, stdin: '' } })
  if (args.length > 0) chips.push({ id: 'args', text: shortened(args.join(' ')), without: { ...draft, args: [] } })
  const names = Object.keys(env)
  if (names.length > 0) chips.push({ id: 'env', text: shortened(names.join(', ')), without: { ...draft, env: undefined } })
  if (limits.wall_time_ms !== undefined || limits.cpu_time_ms !== undefined) {
    const { wall_time_ms, cpu_time_ms, ...others } = limits
    chips.push({
      id: 'time',
      text: `At most ${seconds(wall_time_ms ?? cpu_time_ms ?? 0)}`,
      without: { ...draft, limits: others },
    })
  }
  if (limits.memory_bytes !== undefined) {
    const { memory_bytes, ...others } = limits
    chips.push({ id: 'memory', text: `At most ${bytes(memory_bytes)}`, without: { ...draft, limits: others } })
  }
  const known = new Set(flagsOf(draft, language).map(({ word }) => word))
  const asked = [...(flags.compile ?? []), ...(flags.run ?? [])].filter((flag) => known.has(flag))
  if (asked.length > 0) chips.push({ id: 'flags', text: shortened(asked.join(' ')), without: { ...draft, flags: undefined } })
  if (tty) chips.push({ id: 'tty', text: 'Terminal', without: { ...draft, tty: undefined } })
  return chips
}

const linesOf = (text: string) => text.replace(/\n$/, '').split('\n').length
const countOf = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
const shortened = (text: string) => (text.length > 28 ? `${text.slice(0, 27)}…` : text)

export type Flag = { stage: 'compile' | 'run'; word: string; description: string }

/** Every flag of the version as a word that can be asked for: `-std={…}` is one word for each of its values. */
export function flagsOf(draft: Draft, language: Language): Flag[] {
  const version = language.versions.find(({ version }) => version === versionOf(draft, language))
  return (['compile', 'run'] as const).flatMap((stage) =>
    (version?.flags[stage] ?? []).flatMap(({ flag, values, description }) =>
      (values ?? [null]).map((value) => ({
        stage,
        word: value === null ? flag : flag.replace(/\{[^}]*\}/, value),
        description,
      })),
    ),
  )
}

export function withFlag(draft: Draft, { stage, word }: Flag, on: boolean): Draft {
  const others = (draft.flags?.[stage] ?? []).filter((one) => one !== word)
  const flags = { ...draft.flags, [stage]: on ? [...others, word] : others }
  const none = (flags.compile ?? []).length + (flags.run ?? []).length === 0
  return { ...draft, flags: none ? undefined : flags }
}

export const timeChoices = [1, 2, 5, 10, 20, 30, 60].map((count) => count * 1000)
export const memoryChoices = [32, 64, 128, 256].map((count) => count * MiB)

/** `undefined` is as usual. The clock and the processor's time go together: a person thinks of one time. */
export function withTime(draft: Draft, ms: number | undefined): Draft {
  const { wall_time_ms: _, cpu_time_ms: __, ...others } = draft.limits ?? {}
  return { ...draft, limits: ms === undefined ? others : { ...others, wall_time_ms: ms, cpu_time_ms: ms } }
}

export function withMemory(draft: Draft, memory_bytes: number | undefined): Draft {
  const { memory_bytes: _, ...others } = draft.limits ?? {}
  return {
    ...draft,
    limits: memory_bytes === undefined || memory_bytes === defaultLimits.memory_bytes ? others : { ...others, memory_bytes },
  }
}

/** `NAME=value` on each line. A line that is not that is told, and the others are taken. */
export function parseEnv(text: string): { env: Record<string, string>; problem: string | null } {
  const env: Record<string, string> = {}
  let problem: string | null = null
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const match = /^([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)$/.exec(line)
    if (match?.[1]) env[match[1]] = match[2] ?? ''
    else problem ??= `Line ${at + 1} is not NAME=value: a name is letters, digits and _, and does not start with a digit.`
  }
  return { env, problem }
}

export const envText = (env: Record<string, string>) =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
