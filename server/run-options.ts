import type { Issue } from '../protocol/errors.ts'
import type { FlagManifest, LanguageManifest } from '../protocol/language.ts'
import type { Flags, Mode, RunRequest, TerminalSize } from '../protocol/run.ts'
import type { TestName } from '../protocol/test-report.ts'
import { selectsMany } from '../sandbox/execution/test-selection.ts'
import { invalid } from './invalid.ts'

/** How a run is to be run. Throws AppError `invalid` for a language without test mode. */
export function modeOf(request: Pick<RunRequest, 'mode'>, language: { manifest: Pick<LanguageManifest, 'name' | 'test'> }): Mode {
  const mode = request.mode ?? 'run'
  if (mode === 'test' && !language.manifest.test) {
    throw invalid('This language has no test mode.', [
      {
        path: 'mode',
        message: `No test framework is installed for ${language.manifest.name}. Leave the field out, or use "run".`,
      },
    ])
  }
  return mode
}

/** The tests a run is asked for, none for all. Throws AppError `invalid` where tests cannot be chosen. */
export function onlyOf(
  { only }: Pick<RunRequest, 'only'>,
  mode: Mode,
  { name, test }: Pick<LanguageManifest, 'name' | 'test'>,
): TestName[] {
  if (!only) return []
  const refuse = (message: string) => invalid('These tests cannot be run alone.', [{ path: 'only', message }])
  if (mode !== 'test') throw refuse('Tests are chosen in test mode: add "mode": "test".')
  if (!test?.select) throw refuse(`${test?.framework ?? `The framework of ${name}`} runs all of its tests. Leave the field out.`)
  if (only.length > 1 && !selectsMany(test.select)) throw refuse(`${test.framework} of this version takes one test at a time.`)
  return only
}

export const defaultTerminal: TerminalSize = { columns: 80, rows: 24 }

export function terminalOf({ tty }: Pick<RunRequest, 'tty'>): TerminalSize | null {
  if (tty === undefined || tty === false) return null
  return tty === true ? defaultTerminal : tty
}

/** The flags of a request. Throws AppError `invalid` with every flag that is not allowed and what is. */
export function flagsOf({ flags }: Pick<RunRequest, 'flags'>, manifest: Pick<LanguageManifest, 'flags'>): Flags {
  if (!flags) return {}
  const issues: Issue[] = (['compile', 'run'] as const).flatMap((stage) => {
    const allowed = manifest.flags[stage].flatMap(wordsOf)
    return (flags[stage] ?? []).flatMap((flag, index) =>
      allowed.includes(flag)
        ? []
        : [
            {
              path: `flags.${stage}.${index}`,
              message: allowed.length > 0 ? `Allowed are: ${allowed.join(' ')}` : `No flags are allowed for the ${stage} stage.`,
            },
          ],
    )
  })
  if (issues.length > 0) throw invalid('A flag is not allowed.', issues)
  return { ...(flags.compile?.length ? { compile: flags.compile } : {}), ...(flags.run?.length ? { run: flags.run } : {}) }
}

/** Every word a flag of the manifest stands for: "-O{level}" with three values is three words. */
export function wordsOf({ flag, values }: FlagManifest): string[] {
  return values ? values.map((value) => flag.replace(/\{[^}]*\}/, () => value)) : [flag]
}
