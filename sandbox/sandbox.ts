import type { AgentFrame } from './execution/frames.ts'

/** What a sandbox is made for. Two with the same key are interchangeable. */
export type SandboxSpec = {
  key: string
  imageId: string
  /** What the agent starts ahead. */
  agentArguments: readonly string[]
  env: Readonly<Record<string, string>>
  memoryBytes: number
  processes: number
  /** The program gets a terminal. */
  tty: boolean
}

/** One disposable isolated container, started and attached, its agent waiting for a run. */
export type Sandbox = {
  readonly id: string
  /** Whether a program in it may open internet sockets, which reach nothing but itself. */
  readonly mayTalkToItself: boolean
  /** Writes to the agent. Nothing is thrown when the sandbox has died: its end is told to the listener. */
  send(bytes: Uint8Array): void
  /** Who hears of it from now on. `end` comes once, also when it has died before; its reason is for the log. */
  listen(listener: SandboxListener): void
  /** Ends everything in it at once and removes it in the background. Resolves when it is gone; never rejects. */
  destroy(): Promise<void>
  /** Memory it holds, without what the kernel could take back; null where the engine does not tell. Never rejects. */
  heldBytes(): Promise<number | null>
}
export type SandboxListener = { frame(frame: AgentFrame): void; end(reason: string): void }

export type SandboxFactory = {
  /** Resolves when its agent is ready; rejects with why not, having left nothing behind. */
  prepare(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox>
}
