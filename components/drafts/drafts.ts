import '../jitless.ts'
import { z } from 'zod'
import { type Language, LanguageId } from '../../protocol/language.ts'
import { defaultLimits, Limits } from '../../protocol/limits.ts'
import { Flags, Mode, type Run, RunFile, type RunRequest, type TerminalSize } from '../../protocol/run.ts'

/** What is in the editor for one language. */
export const Draft = z.object({
  files: z.array(RunFile).min(1),
  entry: z.string(),
  stdin: z.string(),
  args: z.array(z.string()),
  /** One of the installed versions; without it, or when it is not there any more, the language's first. */
  version: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  /** What differs from the usual limits. */
  limits: Limits.omit({ compile: true }).partial().optional(),
  flags: Flags.optional(),
  mode: Mode.optional(),
  /** A real terminal, for programs that draw on it. */
  tty: z.boolean().optional(),
})
export type Draft = z.infer<typeof Draft>

/** What a browser keeps: the language last used, and a draft for every language in which something was written. */
export const Drafts = z.object({ language: LanguageId.nullable(), byLanguage: z.record(LanguageId, Draft) })
export type Drafts = z.infer<typeof Drafts>

/** The number changes with the form: an older form is left alone, not misread. */
export const draftsKey = 'bugghost.drafts.1'
export const noDrafts: Drafts = { language: null, byLanguage: {} }

/** Whatever the browser holds, as drafts. What cannot be read is as good as nothing: a page must open. */
export function parseDrafts(text: string | null): Drafts {
  if (text === null) return noDrafts
  try {
    const parsed = Drafts.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : noDrafts
  } catch {
    return noDrafts
  }
}

export const exampleDraft = (language: Language): Draft => ({
  files: [{ path: language.entry, content: language.example.code }],
  entry: language.entry,
  stdin: language.example.stdin,
  args: [],
})

/** The draft a visitor sees: their own, or the example of someone who has written nothing yet. */
export const draftOf = (drafts: Drafts, language: Language): Draft => drafts.byLanguage[language.id] ?? exampleDraft(language)

/** The language to open with: the last one used, if it is still there, else the first. */
export function languageOf(drafts: Drafts, languages: readonly Language[]): Language | undefined {
  return languages.find((language) => language.id === drafts.language) ?? languages[0]
}

export function withDraft(drafts: Drafts, language: string, draft: Draft): Drafts {
  return { language, byLanguage: { ...drafts.byLanguage, [language]: draft } }
}

/** Without its own draft a language shows its example again. */
export function withoutDraft(drafts: Drafts, language: string): Drafts {
  const { [language]: _, ...byLanguage } = drafts.byLanguage
  return { language, byLanguage }
}

export const withFile = (draft: Draft, path: string, content: string): Draft => ({
  ...draft,
  files: draft.files.map((file) => (file.path === path ? { ...file, content } : file)),
})

/** A copy of somebody's run, to be changed. */
export const forkOf = (run: Forked): Draft => ({
  files: run.files,
  entry: run.entry,
  stdin: run.stdin,
  args: run.args,
  version: run.version,
  ...(run.mode === 'test' ? { mode: run.mode } : {}),
  ...(run.tty ? { tty: true } : {}),
  ...(run.flags.compile?.length || run.flags.run?.length ? { flags: run.flags } : {}),
})
type Forked = Pick<Run, 'files' | 'entry' | 'stdin' | 'args' | 'version' | 'mode' | 'tty' | 'flags'>

/** Pictures and tables a program leaves are shown without anybody asking for them. */
const shownFiles = ['*.png', '*.svg', '*.jpg', '*.jpeg', '*.gif', '*.webp', '*.csv']

export const versionOf = (draft: Draft, language: Language): string =>
  language.versions.find(({ version }) => version === draft.version)?.version ?? language.version

export function requestOf(language: Language, draft: Draft, terminal?: TerminalSize): Omit<RunRequest, 'wait'> {
  const version = versionOf(draft, language)
  const { wall_time_ms, ...limits } = draft.limits ?? {}
  // Input given here is all there is; without it the program's input stays open for what is typed.
  // People take longer to type than programs to run: waiting for them may take a minute, computing no longer than ever.
  const patient = draft.stdin === '' && wall_time_ms === undefined && draft.mode !== 'test'
  const wall = wall_time_ms ?? (patient ? longestMs : undefined)
  return {
    language: language.id,
    ...(version === language.version ? {} : { version }),
    ...(draft.mode === 'test' ? { mode: draft.mode } : {}),
    artifacts: shownFiles,
    files: draft.files,
    entry: draft.entry,
    ...(draft.stdin === '' ? {} : { stdin: draft.stdin }),
    ...(draft.args.length === 0 ? {} : { args: draft.args }),
    ...(draft.env && Object.keys(draft.env).length > 0 ? { env: draft.env } : {}),
    ...(wall === undefined ? {} : { timeout_sec: Math.ceil(wall / 1000) }),
    ...(patient || Object.keys(limits).length > 0
      ? { limits: { ...(patient ? { cpu_time_ms: defaultLimits.cpu_time_ms } : {}), ...limits } }
      : {}),
    ...(draft.flags ? { flags: draft.flags } : {}),
    ...(draft.tty && draft.mode !== 'test' ? { tty: terminal ?? true } : {}),
  }
}
const longestMs = 60_000
