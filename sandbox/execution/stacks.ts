import type { StackFrame, ThreadStack } from '../../protocol/diagnostic.ts'
import type { StageLimits } from '../../protocol/limits.ts'
import type { AskForStacks, Exit } from './frames.ts'

/** What the agent sends of a program's stacks at most, in bytes: a thousand threads' worth. */
export const maxStacksBytes = 256 * 1024

/**
 * Whether the question for its stacks is what ended the program, and if so, which clock was about to.
 * A Go program writes its goroutines and exits with 2; a program without a handler dies of the signal. One that ends well, or whose
 * answer cannot be found, ended by itself: that it was being asked just then is chance.
 */
export function endedByQuestion(
  exit: Exit,
  ask: AskForStacks | null,
  answer: readonly ThreadStack[],
  limits: StageLimits,
): 'wall' | 'cpu' | null {
  if (!ask || !exit.asked || exit.stoppedBy !== null || exit.exitCode === 0) return null
  const diedOfIt = exit.signal !== null && exit.signal === ask.signal
  const answeredAndLeft = exit.exitCode !== null && (ask.from === 'stdout' || ask.from === 'stderr') && answer.length > 0
  if (!diedOfIt && !answeredAndLeft) return null
  return exit.wallMs / limits.wall_time_ms >= exit.cpuMs / limits.cpu_time_ms ? 'wall' : 'cpu'
}

/** Where the program stands: the innermost frame of its own code, in its main thread if that has one. */
export function stuckAt(stacks: readonly ThreadStack[]): StackFrame | undefined {
  const own = (stack: ThreadStack | undefined) => stack?.frames.find((frame) => !frame.library)
  return own(stacks.find(({ thread }) => /^"?(main|goroutine 1\b)/i.test(thread))) ?? stacks.map(own).find((frame) => frame)
}
