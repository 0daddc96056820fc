import { defaultLimits } from '../protocol/limits.ts'
import { stepsOf } from '../sandbox/execution/steps.ts'
import type { Job } from '../sandbox/executor.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'

/** One command, with all of its environment. */
export type PlainStep = { argv: readonly string[]; env: Readonly<Record<string, string>> }

/** What a person types at home, where that is not what a sandbox does. Of every other language it is the same commands. */
const typedAtHome: Record<string, string[][]> = {
  python: [['python3', 'main.py']],
  javascript: [['node', 'main.js']],
  typescript: [['node', 'main.ts']],
  java: [['java', 'Main.java']],
  // Without the sandbox's headers that are compiled already, and with the usual linker.
  cpp: [['g++', '-O2', '-o', 'main', 'main.cpp'], ['./main']],
}

export function jobFor({ id, manifest }: LoadedLanguage, code: string, part: Partial<Job> = {}): Job {
  return {
    language: id,
    version: manifest.version,
    mode: 'run',
    flags: {},
    tty: null,
    only: [],
    artifacts: [],
    owner: 'bench',
    files: [{ path: manifest.entry, content: Buffer.from(code) }],
    entry: manifest.entry,
    args: [],
    env: {},
    stdin: Buffer.alloc(0),
    stdinOpen: false,
    limits: defaultLimits,
    ...part,
  }
}

export function plainStepsOf(language: LoadedLanguage): PlainStep[] {
  const steps = stepsOf(language.manifest, jobFor(language, ''))
  const plain = steps.map(({ argv, env }) => {
    // Descriptor 3 leads to the agent, and there is none.
    const { BUGGHOST_CONTROL: _, ...rest } = env
    return { argv, env: rest }
  })
  const env = Object.assign({}, ...plain.map((step) => step.env)) as Record<string, string>
  return typedAtHome[language.id]?.map((argv) => ({ argv, env })) ?? plain
}

/** For a shell, one line. */
export const commandLine = (steps: readonly PlainStep[]): string =>
  steps.map(({ argv }) => argv.map(quoted).join(' ')).join(' && ')

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
