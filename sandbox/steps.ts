import type { LanguageManifest, StageManifest } from '../protocol/language.ts'
import { defaultLimits } from '../protocol/limits.ts'
import type { Stage } from '../protocol/run.ts'
import type { Job } from './executor.ts'
import type { Step } from './frames.ts'
import { baseEnv } from './host-config.ts'
import type { SandboxSpec } from './sandbox.ts'

/** What the agent is to run for a job, in order. */
export function stepsOf(manifest: LanguageManifest, job: Job): Step[] {
  const stages: [Stage, StageManifest | undefined][] = [
    ['compile', manifest.compile],
    ['run', manifest.run],
  ]
  return stages.flatMap(([stage, how]): Step[] => {
    if (!how) return []
    const args = stage === 'run' ? job.args : []
    return [
      {
        stage,
        warm: canBeWarm(manifest, how, job),
        argv: [...expand(how.argv, manifest, job), ...args],
        env: { ...sandboxEnv(manifest), ...how.env, ...(stage === 'run' ? job.env : {}) },
        wallTimeMs: job.limits.wall_time_ms,
        cpuTimeMs: job.limits.cpu_time_ms,
        args: [...expand(how.warm?.args ?? [], manifest, job), ...args],
      },
    ]
  })
}

/** A waiting runtime has its environment already, and its main file too unless it is told one. */
function canBeWarm(manifest: LanguageManifest, how: StageManifest, job: Job): boolean {
  if (!how.warm || Object.keys(job.env).length > 0) return false
  return job.entry === manifest.entry || how.warm.args.some((word) => /^\{(entry|files)\}$/.test(word))
}

function expand(words: readonly string[], manifest: LanguageManifest, job: Job): string[] {
  return words.flatMap((word) => {
    if (word === '{files}')
      return job.files.map((file) => file.path).filter((path) => manifest.extensions.some((end) => path.endsWith(end)))
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
): SandboxSpec {
  const { manifest } = language
  return {
    key: `${language.id} ${language.imageId} ${limits.memory_bytes} ${limits.processes}`,
    imageId: language.imageId,
    agentArguments: (['compile', 'run'] as const).flatMap((stage) => {
      const warm = manifest[stage]?.warm
      if (!warm) return []
      const env = Object.entries({ ...manifest[stage]?.env, ...warm.env })
      return [`stage:${stage}`, ...env.map(([name, value]) => `env:${name}=${value}`), ...warm.argv.map((word) => `arg:${word}`)]
    }),
    env: sandboxEnv(manifest),
    memoryBytes: limits.memory_bytes,
    processes: limits.processes,
  }
}
