import type { AgentFrame } from '../execution/frames.ts'
import type { Sandbox, SandboxFactory, SandboxListener, SandboxSpec } from '../sandbox.ts'

/** A sandbox without a container: the test is its agent and its engine. */
export type FakeSandbox = Sandbox & {
  readonly spec: SandboxSpec
  /** What the server wrote, frame by frame. */
  readonly received: readonly { type: string; payload: Buffer }[]
  /** Resolves with the first write. */
  readonly firstSend: Promise<void>
  /** How often somebody asked for its end. */
  readonly destroys: number
  say(frame: AgentFrame): void
  die(reason: string): void
  /** What it says it holds, from now on. */
  hold(bytes: number): void
}

/** `removal`: what `destroy` waits for; without it, it is gone at once. */
export function createFakeSandbox(spec: SandboxSpec, id = 'fake', removal: Promise<void> = Promise.resolve()): FakeSandbox {
  const received: { type: string; payload: Buffer }[] = []
  const first = Promise.withResolvers<void>()
  let listener: SandboxListener | undefined
  let ended: string | undefined
  let destroys = 0
  let held: number | null = null
  function end(reason: string): void {
    if (ended !== undefined) return
    ended = reason
    listener?.end(reason)
  }
  return {
    id,
    mayTalkToItself: false,
    spec,
    received,
    firstSend: first.promise,
    get destroys() {
      return destroys
    },
    send(bytes) {
      if (ended !== undefined) return
      received.push(...framesIn(bytes))
      first.resolve()
    },
    listen(next) {
      listener = next
      if (ended !== undefined) next.end(ended)
    },
    destroy() {
      destroys++
      end('it was removed')
      return removal
    },
    heldBytes: async () => held,
    hold(bytes) {
      held = bytes
    },
    say: (frame) => listener?.frame(frame),
    die: end,
  }
}

function framesIn(bytes: Uint8Array): { type: string; payload: Buffer }[] {
  const all = Buffer.from(bytes)
  const found: { type: string; payload: Buffer }[] = []
  for (let at = 0; at < all.length; ) {
    const end = at + 5 + all.readUInt32BE(at + 1)
    found.push({ type: String.fromCharCode(all.readUInt8(at)), payload: all.subarray(at + 5, end) })
    at = end
  }
  return found
}

/** A sandbox somebody asked for and that is not there yet. */
export type Preparation = {
  readonly spec: SandboxSpec
  readonly signal: AbortSignal
  succeed(): FakeSandbox
  fail(error: Error): void
}

/** Makes a sandbox when the test says so. Like the real one it gives up when it is told to, unless `deaf`. */
export function createFakeFactory({ deaf = false } = {}) {
  const preparing: Preparation[] = []
  const made: FakeSandbox[] = []
  const wishes: (() => void)[] = []
  const factory: SandboxFactory = {
    prepare(spec, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Sandbox>()
      const done = () => {
        const place = preparing.indexOf(preparation)
        if (place >= 0) preparing.splice(place, 1)
      }
      const preparation: Preparation = {
        spec,
        signal,
        succeed() {
          done()
          const sandbox = createFakeSandbox(spec, `fake-${made.length}`)
          made.push(sandbox)
          resolve(sandbox)
          return sandbox
        },
        fail(error) {
          done()
          reject(error)
        },
      }
      preparing.push(preparation)
      if (!deaf) signal.addEventListener('abort', () => preparation.fail(signal.reason as Error), { once: true })
      for (const wish of wishes.splice(0)) wish()
      return promise
    },
  }
  return {
    ...factory,
    /** Under way, oldest first. */
    preparing,
    /** Every sandbox there ever was, oldest first. */
    made,
    /** Resolves when the next one is asked for. */
    asked: () => new Promise<void>((resolve) => wishes.push(resolve)),
  }
}

export const fakeSpec = (key = 'python'): SandboxSpec => ({
  key,
  imageId: `sha256:${key}`,
  agentArguments: [],
  env: {},
  memoryBytes: 256 * 1024 * 1024,
  processes: 128,
  tty: false,
})
