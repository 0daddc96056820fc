import type { Exit } from '../execution/frames.ts'

/** A program that ended with code 0, and of which there is nothing else to say. */
export const quietExit: Exit = {
  stage: 'run',
  exitCode: 0,
  signal: null,
  stoppedBy: null,
  oomKilled: false,
  forkRefused: false,
  truncated: { stdout: false, stderr: false },
  last: false,
  asked: false,
  wallMs: 0,
  cpuMs: 0,
  memoryPeakBytes: 0,
  stdoutBytes: 0,
  stderrBytes: 0,
}
