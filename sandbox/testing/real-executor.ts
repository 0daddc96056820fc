import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'vitest'
import { defaultLimits, type Limits } from '../../protocol/limits.ts'
import type { Ending, Flags, Mode, RunFile, Stage, Stream, TerminalSize, UnnumberedEvent } from '../../protocol/run.ts'
import type { TestName } from '../../protocol/test-report.ts'
import { connectEngine, type FoundSandbox } from '../engine/docker.ts'
import type { Execution, Executor, Job } from '../executor.ts'
import { readLanguages } from '../languages.ts'
import { type LocalExecutorOptions, openLocalExecutor } from '../local-executor.ts'
import type { Log } from '../log.ts'

export const languages = await readLanguages(join(import.meta.dirname, '..'))

/** What went wrong, kept for a test that wants to know. */
export type Complaint = { level: 'warn' | 'error'; message: string; facts: object }

/**
 * The real thing on the machine's own engine, under an installation of its own: nothing else on the engine is touched.
 * Closing it asserts that no container is left.
 */
export async function openTestExecutor(change: Partial<LocalExecutorOptions> = {}) {
  const installation = `test-${randomUUID()}`
  const complaints: Complaint[] = []
  const log: Log = {
    info() {},
    warn: (facts, message) => void complaints.push({ level: 'warn', facts, message }),
    error: (facts, message) => void complaints.push({ level: 'error', facts, message }),
  }
  const executor = await openLocalExecutor({
    languages,
    engine: {},
    instance: randomUUID(),
    installation,
    isAlive: async () => true,
    maxRunning: 2,
    maxQueued: 8,
    // Tests are mostly one owner.
    maxQueuedPerOwner: 1_000,
    warm: 0,
    log,
    ...change,
  })
  return {
    ...executor,
    installation,
    complaints,
    sandboxes: () => sandboxesOf(change.installation ?? installation),
    async [Symbol.asyncDispose]() {
      await executor.close()
      expect(await sandboxesOf(change.installation ?? installation)).toEqual([])
    },
  }
}

/** Looks from outside: what the engine itself has, running or not. */
export async function sandboxesOf(installation: string): Promise<FoundSandbox[]> {
  return (await testEngine.listSandboxes()).filter((one) => one.installation === installation)
}

export const testEngine = connectEngine({ address: {}, instance: 'test', installation: 'test', newSandboxId: randomUUID })

export type Program = {
  args?: string[]
  env?: Record<string, string>
  stdin?: string
  stdinOpen?: boolean
  limits?: Partial<Limits>
  /** Beside the code. */
  files?: RunFile[]
  /** Where the code goes, instead of the language's own entry. */
  entry?: string
  /** Instead of the language's first. */
  version?: string
  mode?: Mode
  only?: TestName[]
  flags?: Flags
  tty?: TerminalSize
  artifacts?: string[]
  owner?: string
}

export function jobOf(language: string, code: string, program: Program = {}): Job {
  const { args = [], env = {}, stdin = '', stdinOpen = false, limits = {}, files = [] } = program
  const first = languages.find(({ id }) => id === language)?.manifest
  const entry = program.entry ?? first?.entry ?? 'main'
  return {
    language,
    version: program.version ?? first?.version ?? '',
    mode: program.mode ?? 'run',
    only: program.only ?? [],
    flags: program.flags ?? {},
    tty: program.tty ?? null,
    artifacts: program.artifacts ?? [],
    owner: program.owner ?? 'somebody',
    files: [
      { path: entry, content: Buffer.from(code) },
      ...files.map(({ path, content, encoding }) => ({ path, content: Buffer.from(content, encoding ?? 'utf8') })),
    ],
    entry,
    args,
    env,
    stdin: Buffer.from(stdin),
    stdinOpen,
    limits: { ...defaultLimits, ...limits },
  }
}

export type Finished = Ending & {
  events: UnnumberedEvent[]
  stdout: string
  stderr: string
  /** Both streams of the compile stage, in the order they came. */
  compileOutput: string
}

/** Runs a program to its end. */
export function runProgram(
  executor: Pick<Executor, 'start'>,
  language: string,
  code: string,
  program?: Program,
): Promise<Finished> {
  return finished(executor.start(jobOf(language, code, program)))
}

/** Reads a run to its end; `onEvent` may act on what happens meanwhile. */
export async function finished(execution: Execution, onEvent?: (event: UnnumberedEvent) => void): Promise<Finished> {
  const events: UnnumberedEvent[] = []
  for await (const event of execution.events) {
    events.push(event)
    onEvent?.(event)
  }
  const last = events.at(-1)
  if (last?.type !== 'finished') throw new Error('the run did not end')
  const { type, at, ...ending } = last
  const text = (stage: Stage, stream?: Stream) =>
    events
      .flatMap((event) =>
        event.type === 'output' && event.stage === stage && (!stream || event.stream === stream) ? [event.text] : [],
      )
      .join('')
  return { ...ending, events, stdout: text('run', 'stdout'), stderr: text('run', 'stderr'), compileOutput: text('compile') }
}
