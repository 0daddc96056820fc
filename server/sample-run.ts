import { ActorId, RunId, runIdAlphabet, runIdLength } from '../protocol/ids.ts'
import { defaultLimits } from '../protocol/limits.ts'
import type { Ending, RunEvent, UnnumberedEvent } from '../protocol/run.ts'
import type { RunRecord } from './store.ts'

/** For tests: runs and events as they come. */
export const sampleEnding: Ending = {
  verdict: { kind: 'exited', exit_code: 0 },
  exit_code: 0,
  signal: null,
  oom: false,
  usage: { cpu_ms: 12.5, memory_peak_bytes: 9_000_000 },
  duration_ms: 20.25,
  stdout_bytes: 3,
  stderr_bytes: 0,
  truncated: { stdout: false, stderr: false },
}

/** started, one output a text, finished at `endMs`. */
export function sampleEvents(texts: readonly string[] = ['hello\n'], endMs = 30): RunEvent[] {
  const outputs = texts.map((text, n) => ({
    seq: n + 1,
    at: n + 2,
    type: 'output' as const,
    stage: 'run' as const,
    stream: 'stdout' as const,
    text,
  }))
  return [
    { seq: 0, at: 1, type: 'started', stage: 'run' },
    ...outputs,
    { seq: texts.length + 1, at: endMs, type: 'finished', ...sampleEnding },
  ]
}

export function sampleRunId(): RunId {
  const characters = Array.from({ length: runIdLength }, () => runIdAlphabet[Math.floor(Math.random() * runIdAlphabet.length)])
  return RunId.parse(characters.join(''))
}

export function sampleRun(more: Partial<RunRecord> = {}): RunRecord {
  return {
    runId: sampleRunId(),
    actorId: ActorId.parse('visitor'),
    instance: 'instance-1',
    language: 'python',
    version: '3.13',
    mode: 'test',
    only: [{ suite: ['test_main'], name: 'test_adds' }],
    flags: { compile: ['-O2'] },
    tty: { columns: 100, rows: 40 },
    artifacts: ['*.png'],
    files: [{ path: 'main.py', content: 'print("hello")\n' }],
    entry: 'main.py',
    stdin: '',
    args: [],
    env: {},
    limits: defaultLimits,
    image: 'bugghost/python',
    imageDigest: `sha256:${'0'.repeat(64)}`,
    createdAt: new Date(),
    ...more,
  }
}

export function unnumbered(event: RunEvent): UnnumberedEvent {
  const { seq, ...rest } = event
  return rest as UnnumberedEvent
}
