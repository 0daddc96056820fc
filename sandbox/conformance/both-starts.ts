import type { LanguageManifest } from '../../protocol/language.ts'
import type { Executor } from '../executor.ts'
import type { LoadedLanguage } from '../languages.ts'
import { finished, jobOf } from '../testing/real-executor.ts'
import type { ConformanceProgram } from './read-programs.ts'

/** What nobody but the agent starts: a run that finds its runtime not waiting after all ends with this error. */
const notWarm = '/the/runtime/was/not/waiting'

/** The language as it is, but without a second chance: where no runtime waits, nothing runs. */
export function onlyWarm(language: LoadedLanguage): LoadedLanguage {
  const { compile, run } = language.manifest
  return withManifest(language, {
    run: { ...run, argv: [notWarm] },
    ...(compile?.warm ? { compile: { ...compile, argv: [notWarm] } } : {}),
  })
}

/** The language as somebody starts it who has never heard of Bug Ghost. Where its own command lines are not that, `instead` is. */
export function onlyPlain(language: LoadedLanguage, instead: Partial<Record<'compile' | 'run', string[]>> = {}): LoadedLanguage {
  const plain = (stage: 'compile' | 'run') => {
    const { warm: _, ...how } = language.manifest[stage] ?? { argv: [], env: {} }
    return { ...how, argv: instead[stage] ?? how.argv }
  }
  const compile = language.manifest.compile || instead.compile ? { compile: plain('compile') } : {}
  return withManifest(language, { ...compile, run: plain('run'), stacks: undefined })
}

function withManifest(language: LoadedLanguage, change: Partial<LanguageManifest>): LoadedLanguage {
  return { ...language, manifest: { ...language.manifest, ...change } }
}

/** All that a program shows of itself to the world. */
export type Shown = {
  stdout: string
  stderr: string
  /** Beside the text, in which bytes that are no characters all look the same. */
  bytes: { stdout: number; stderr: number }
  compileOutput: string
  exitCode: number | null
  signal: string | null
  verdict: string
}

export async function show(
  executor: Pick<Executor, 'start'>,
  { id, manifest }: LoadedLanguage,
  program: ConformanceProgram,
): Promise<Shown> {
  const entry = program.entry ?? manifest.entry
  const main = program.files.find(({ path }) => path === entry)
  if (!main) throw new Error(`${program.where}: there is no ${entry}`)
  const execution = executor.start(
    jobOf(id, main.content, {
      version: manifest.version,
      entry,
      files: program.files.filter((file) => file !== main),
      args: program.args,
      stdin: program.stdin,
      stdinOpen: program.typed.length > 0,
      flags: program.flags.length > 0 ? { run: program.flags } : {},
    }),
  )
  const typed = [...program.typed]
  let said = ''
  const { stdout, stderr, stdout_bytes, stderr_bytes, compileOutput, exit_code, signal, verdict } = await finished(
    execution,
    (event) => {
      if (event.type !== 'output' || event.stream !== 'stdout') return
      said += event.text
      const next = typed[0]
      if (!next || !said.endsWith(next[0])) return
      typed.shift()
      said = ''
      execution.write(next[1])
      if (typed.length === 0) execution.endInput()
    },
  )
  if (stderr.includes(notWarm) || compileOutput.includes(notWarm)) throw new Error('The runtime was not waiting.')
  const varies = program.varies ? new RegExp(program.varies, 'g') : null
  const steady = (text: string) => (varies ? text.replace(varies, '…') : text)
  return {
    stdout: steady(stdout),
    stderr: steady(stderr),
    bytes: { stdout: stdout_bytes, stderr: stderr_bytes },
    compileOutput,
    exitCode: exit_code,
    signal,
    verdict: verdict.kind,
  }
}
