import { defaultLimits, type Limits, MiB } from '../../protocol/limits.ts'
import type { Ending } from '../../protocol/run.ts'
import { bytes, seconds } from '../../protocol/words.ts'
import type { Place } from './place.tsx'

/** What somebody can do about an ending, at the press of a button. */
export type Advice =
  | { kind: 'raise'; label: string; limits: Partial<Limits> }
  | { kind: 'go'; label: string; place: Place }
  | { kind: 'again'; label: string }
  /** Nothing to press, but something to know. */
  | { kind: 'know'; label: string }

/** As far as anybody can go. */
const most = { wall_time_ms: 60_000, cpu_time_ms: 60_000, memory_bytes: 256 * MiB }

/** `paths`: the files of the run, for what can be gone to. */
export function adviceOf(ending: Ending, limits: Limits, paths: readonly string[]): Advice | null {
  const { verdict } = ending
  switch (verdict.kind) {
    case 'time-limit': {
      const name = verdict.clock === 'wall' ? 'wall_time_ms' : 'cpu_time_ms'
      // In the compile stage the program has not even begun; its limits are not a person's to set.
      if (ending.limit?.stage === 'compile') return null
      if (limits[name] >= most[name])
        return { kind: 'know', label: `${seconds(most[name])} is as long as a program may take here.` }
      return {
        kind: 'raise',
        label: `Raise the limit to ${seconds(most[name])}`,
        limits: { wall_time_ms: most.wall_time_ms, cpu_time_ms: most.cpu_time_ms },
      }
    }
    case 'memory-limit':
      if (limits.memory_bytes >= most.memory_bytes) {
        return { kind: 'know', label: `${bytes(most.memory_bytes)} is as much as a program may use here.` }
      }
      return {
        kind: 'raise',
        label: `Raise the limit to ${bytes(most.memory_bytes)}`,
        limits: { memory_bytes: most.memory_bytes },
      }
    case 'output-limit':
      return limits.output_bytes < defaultLimits.output_bytes
        ? {
            kind: 'raise',
            label: `Raise the limit to ${bytes(defaultLimits.output_bytes)}`,
            limits: { output_bytes: defaultLimits.output_bytes },
          }
        : { kind: 'know', label: 'What it wrote until then is kept. Print less to see the end.' }
    case 'interrupted':
    case 'sandbox-failed':
      return { kind: 'again', label: 'Run it again' }
    case 'exited':
    case 'signaled':
    case 'compile-failed': {
      const first = ending.diagnostics?.find(({ severity }) => severity === 'error')
      const frame =
        first && (paths.includes(first.file) ? first : first.frames?.find(({ file, line }) => paths.includes(file) && line > 0))
      if (!frame) return null
      return {
        kind: 'go',
        label: `Go to ${frame.file}:${frame.line}`,
        place: { path: frame.file, line: frame.line, column: frame.column },
      }
    }
    case 'process-limit':
    case 'cancelled':
      return null
    default:
      return verdict satisfies never
  }
}
