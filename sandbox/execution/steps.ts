import type { LanguageManifest, StageManifest } from '../../protocol/language.ts'
import { defaultLimits, MiB, requestLimits, stageLimitsOf } from '../../protocol/limits.ts'
import type { Stage } from '../../protocol/run.ts'
import { baseEnv } from '../engine/host-config.ts'
import type { Job } from '../executor.ts'
import type { SandboxSpec } from '../sandbox.ts'
import type { AskForStacks, Keep, Step } from './frames.ts'
import { wordsToSelect } from './test-selection.ts'
import { signalNumber } from './verdict.ts'

/** A test framework's report of a thousand tests with long messages is not longer. */
const reportBytes = 4 * MiB

/** What the agent is to run for a job, in order. */
export function stepsOf(manifest: LanguageManifest, job: Job): Step[] {
  return stagesOf(manifest, job).map(([stage, how]): Step => {
    const isRun = stage === 'run'
    const args = isRun ? [...selection(manifest, job), ...job.args] : []
    const terminal = isRun ? job.tty : null
    const limits = stageLimitsOf(job.limits, stage)
    // A test run is the framework's, a format job the formatter's: where those stand says little.
    const stacks = isRun && job.mode === 'run' ? askForStacks(manifest, terminal !== null) : null
    return {
      stage,
      warm: canBeWarm(manifest, how, job, stage),
      terminal,
      argv: [...expand(how.argv, manifest, job, stage), ...args],
      env: {
        ...sandboxEnv(manifest),
        ...how.env,
        ...(terminal ? { TERM: 'xterm-256color' } : {}),
        // A runtime that is not waiting has to be told that somebody may ask it something on descriptor 3.
        ...(stacks?.from === 'control' ? { BUGGHOST_CONTROL: '3' } : {}),
        ...(isRun ? job.env : {}),
      },
      wallTimeMs: limits.wall_time_ms,
      cpuTimeMs: limits.cpu_time_ms,
      outputBytes: limits.output_bytes,
      stacks,
      args: [...expand(how.warm?.args ?? [], manifest, job, stage), ...args],
    }
  })
}

/** The words that tell the framework which tests are wanted. */
function selection({ test, extensions }: LanguageManifest, { mode, only, files }: Job): string[] {
  if (mode !== 'test' || only.length === 0 || !test?.select) return []
  return wordsToSelect(test.select, only, { paths: files.map(({ path }) => path), extensions })
}

/** The files to send back, or null when nobody asked for any. */
export function keepOf(manifest: LanguageManifest, job: Job): Keep | null {
  const report = job.mode === 'test' && manifest.test ? { path: manifest.test.report.path, bytes: reportBytes } : null
  if (job.artifacts.length === 0 && !report) return null
  return {
    patterns: job.artifacts,
    files: requestLimits.artifacts,
    fileBytes: requestLimits.artifactBytes,
    totalBytes: requestLimits.artifactsBytes,
    report,
  }
}

function stagesOf(manifest: LanguageManifest, job: Job): [Stage, StageManifest][] {
  if (job.mode === 'format') {
    if (!manifest.format) throw new Error(`${manifest.name} has no formatter`)
    return [['run', manifest.format]]
  }
  const { compile, run } = job.mode === 'test' && manifest.test ? manifest.test : manifest
  return compile
    ? [
        ['compile', compile],
        ['run', run],
      ]
    : [['run', run]]
}

/** A waiting runtime has its environment, its command line and its pipes already, and its main file too unless it is told one. */
function canBeWarm(manifest: LanguageManifest, how: StageManifest, job: Job, stage: Stage): boolean {
  if (!how.warm || how !== manifest[stage]) return false
  const told = how.warm.args
  if (stage === 'run' && (job.tty || Object.keys(job.env).length > 0)) return false
  if (job.flags[stage]?.length && !told.includes('{flags}')) return false
  return job.entry === manifest.entry || told.some((word) => /^\{(entry|files)\}$/.test(word))
}

function askForStacks({ stacks }: LanguageManifest, onTerminal: boolean): AskForStacks | null {
  if (!stacks) return null
  // A terminal has one stream: what a program shows there could not be told from its stacks.
  if (onTerminal && (stacks.from === 'stdout' || stacks.from === 'stderr')) return null
  return { signal: stacks.signal ? signalNumber(stacks.signal) : 0, from: stacks.from }
}

function expand(words: readonly string[], manifest: LanguageManifest, job: Job, stage: Stage): string[] {
  return words.flatMap((word) => {
    if (word === '{files}')
      return job.files.map((file) => file.path).filter((path) => manifest.extensions.some((end) => path.endsWith(end)))
    if (word === '{flags}') return job.flags[stage] ?? []
    // A function, since in a string $& and its kin would mean something.
    return [word.replaceAll('{entry}', () => job.entry)]
  })
}

/** The environment of everything in the sandbox. The whole of it: nothing of the server's own goes in. */
function sandboxEnv(manifest: LanguageManifest): Record<string, string> {
  return { ...baseEnv, ...manifest.env }
}

/** The sandbox a job needs. Jobs with the usual limits share a key, so a waiting sandbox fits them. */
export function sandboxSpecOf(
  language: { id: string; manifest: LanguageManifest; imageId: string },
  limits: { memory_bytes: number; processes: number } = defaultLimits,
  tty = false,
): SandboxSpec {
  const { manifest } = language
  return {
    key: `${language.id} ${language.imageId} ${limits.memory_bytes} ${limits.processes}${tty ? ' tty' : ''}`,
    imageId: language.imageId,
    // A runtime that waits has pipes: on a terminal it would be of no use.
    agentArguments: (tty ? (['compile'] as const) : (['compile', 'run'] as const)).flatMap((stage) => {
      const warm = manifest[stage]?.warm
      if (!warm) return []
      const env = Object.entries({ ...manifest[stage]?.env, ...warm.env })
      return [`stage:${stage}`, ...env.map(([name, value]) => `env:${name}=${value}`), ...warm.argv.map((word) => `arg:${word}`)]
    }),
    env: sandboxEnv(manifest),
    memoryBytes: limits.memory_bytes,
    processes: limits.processes,
    tty,
  }
}
