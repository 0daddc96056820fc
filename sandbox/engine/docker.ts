import Docker from 'dockerode'
import { type AgentFrame, createFrameDecoder } from '../execution/frames.ts'
import type { EngineCall } from '../executor.ts'
import type { Sandbox, SandboxFactory, SandboxListener, SandboxSpec } from '../sandbox.ts'
import { dockerOptions, type EngineAddress } from './engine-address.ts'
import { createOptions } from './host-config.ts'
import { mayTalkToItself } from './seccomp.ts'
import { createUids } from './uids.ts'

/** The engine's labels on everything we make. A reaper works by these alone. */
const label = { sandbox: 'bugghost.sandbox', instance: 'bugghost.instance', installation: 'bugghost.installation' }

/** No engine call waits for ever: an unread attach stream makes kill and inspect of that container hang (moby #41827). */
const deadlineMs = { ping: 3_000, inspect: 5_000, list: 10_000, create: 15_000, attach: 10_000, start: 20_000, remove: 15_000 }
/** From the container's start to the agent's word that its runtimes wait. A busy machine may start several at once. */
const readyDeadlineMs = 45_000

export type Engine = SandboxFactory & {
  /** Resolves with what the engine says of itself; rejects when it does not answer. */
  ping(): Promise<{ version: string; runtimes: string[]; memoryBytes: number }>
  /** The OCI runtime of every sandbox from now on; the engine's default without it. */
  setRuntime(name: string | undefined): void
  /** `runtime`: this once, instead of the one in use. */
  prepare(spec: SandboxSpec, signal: AbortSignal, runtime?: string): Promise<Sandbox>
  /** The ids of those images the engine has, by tag. */
  listImages(tags: readonly string[]): Promise<ReadonlyMap<string, string>>
  listSandboxes(): Promise<FoundSandbox[]>
  /** Whether this server still uses the sandbox, or is making or removing it. */
  isInUse(sandboxId: string): boolean
  remove(containerId: string): Promise<void>
}

export type FoundSandbox = {
  containerId: string
  sandboxId: string
  instance: string
  installation: string
  running: boolean
  createdAt: Date
}

export type EngineOptions = {
  address: EngineAddress
  /** Written on every container: the server process that made it, and whose (see `FoundSandbox`). */
  instance: string
  installation: string
  runtime?: string | undefined
  newSandboxId(): string
  /** How long something took that was asked of the engine, and whether it was done. */
  onCall?: ((call: EngineCall, ms: number, done: boolean) => void) | undefined
}

/** The one place that talks to Docker. */
export function connectEngine({ address, instance, installation, newSandboxId, onCall, ...options }: EngineOptions): Engine {
  let runtimeInUse = options.runtime
  const docker = new Docker(dockerOptions(address))
  const uids = createUids()
  const inUse = new Set<string>()
  let cgroupVersion: 1 | 2 = 1

  const within = <T>(what: keyof typeof deadlineMs, call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(`the engine did not answer "${what}" within ${deadlineMs[what] / 1000} s`, deadlineMs[what], call)

  async function timed<T>(call: EngineCall, answer: Promise<T>): Promise<T> {
    const from = performance.now()
    let done = false
    try {
      const answered = await answer
      done = true
      return answered
    } finally {
      onCall?.(call, performance.now() - from, done)
    }
  }

  async function ping() {
    const about = (await within('ping', (abortSignal) =>
      (docker.info as (options: object) => Promise<unknown>).call(docker, { abortSignal }),
    )) as {
      ServerVersion: string
      MemTotal?: number
      CgroupVersion?: string
      Runtimes?: Record<string, unknown>
    }
    cgroupVersion = about.CgroupVersion === '2' ? 2 : 1
    return { version: about.ServerVersion, runtimes: Object.keys(about.Runtimes ?? {}), memoryBytes: about.MemTotal ?? 0 }
  }

  // One question for all of them: it is asked every two seconds.
  async function listImages(tags: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (tags.length === 0) return new Map()
    const found = await within('list', (abortSignal) =>
      docker.listImages({ filters: JSON.stringify({ reference: tags }), abortSignal }),
    )
    return new Map(found.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((tag): [string, string] => [tag, Id])))
  }

  const remove = (containerId: string): Promise<void> => timed('remove', removeUnlessGone(containerId))

  async function removeUnlessGone(containerId: string): Promise<void> {
    try {
      await within('remove', (abortSignal) => docker.getContainer(containerId).remove({ force: true, v: true, abortSignal }))
    } catch (error) {
      // Gone already, or somebody else is at it.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
    }
  }

  async function listSandboxes(): Promise<FoundSandbox[]> {
    const found = await within('list', (abortSignal) =>
      docker.listContainers({ all: true, filters: JSON.stringify({ label: [label.sandbox] }), abortSignal }),
    )
    return found.map((container) => ({
      containerId: container.Id,
      sandboxId: container.Labels[label.sandbox] ?? '',
      instance: container.Labels[label.instance] ?? '',
      installation: container.Labels[label.installation] ?? '',
      running: container.State === 'running',
      createdAt: new Date(container.Created * 1000),
    }))
  }

  async function prepare(spec: SandboxSpec, signal: AbortSignal, runtime = runtimeInUse): Promise<Sandbox> {
    const uid = uids.take()
    const id = newSandboxId()
    inUse.add(id)
    const letGo = () => {
      uids.giveBack(uid)
      inUse.delete(id)
    }
    let containerId: string | undefined
    try {
      const options = createOptions({
        imageId: spec.imageId,
        agentArguments: spec.agentArguments,
        env: spec.env,
        uid,
        memoryBytes: spec.memoryBytes,
        processes: spec.processes,
        tty: spec.tty,
        runtime,
        cgroupVersion,
        labels: { [label.sandbox]: id, [label.instance]: instance, [label.installation]: installation },
      })
      const container = await timed(
        'create',
        within('create', (abortSignal) => docker.createContainer({ ...options, abortSignal })),
      )
      containerId = container.id
      signal.throwIfAborted()
      // Attached before it starts: of what a program says before somebody listens, nothing is kept.
      const stream = await timed(
        'attach',
        within('attach', () => container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })),
      )
      const sandbox = openSandbox(
        { id, mayTalkToItself: mayTalkToItself({ cgroupVersion, runtime }) },
        stream,
        () => heldBytes(container.id),
        async () => {
          try {
            await removeStubborn(container.id)
          } finally {
            letGo()
          }
        },
      )
      try {
        await timed(
          'start',
          within('start', (abortSignal) => container.start({ abortSignal })),
        )
        await timed('ready', sandbox.ready(signal))
      } catch (error) {
        await sandbox.destroy()
        throw error
      }
      return sandbox
    } catch (error) {
      if (containerId) await remove(containerId).catch(() => {}) // what cannot be removed now is the reaper's, by its label
      letGo()
      throw error
    }
  }

  async function heldBytes(containerId: string): Promise<number | null> {
    try {
      const { memory_stats: memory } = (await within('inspect', (abortSignal) =>
        // One look; without `one-shot` the engine takes two, a second apart.
        docker.getContainer(containerId).stats({ stream: false, 'one-shot': true, abortSignal } as object),
      )) as unknown as { memory_stats?: { usage?: number; stats?: Record<string, number> } }
      if (memory?.usage === undefined) return null
      // By the name of cgroup v1, and of v2.
      return memory.usage - (memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0)
    } catch {
      return null // an estimate does as well, and what is wrong with the engine is told elsewhere
    }
  }

  async function removeStubborn(containerId: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await remove(containerId)
      } catch {
        if (tries === 3) return // the reaper finds it by its label
      }
    }
  }

  const setRuntime = (name: string | undefined): void => {
    runtimeInUse = name
  }

  return { prepare, ping, setRuntime, listImages, listSandboxes, isInUse: (sandboxId) => inUse.has(sandboxId), remove }
}

type AttachedSandbox = Sandbox & { ready(signal: AbortSignal): Promise<void> }

function openSandbox(
  about: Pick<Sandbox, 'id' | 'mayTalkToItself'>,
  stream: NodeJS.ReadWriteStream,
  heldBytes: () => Promise<number | null>,
  remove: () => Promise<void>,
): AttachedSandbox {
  const decode = createFrameDecoder()
  const demultiplex = createDemultiplexer()
  let listener: SandboxListener | undefined
  let early: AgentFrame[] = []
  let ended: string | undefined
  let gone: Promise<void> | undefined

  function end(reason: string): void {
    if (ended !== undefined) return
    ended = reason
    listener?.end(reason)
  }

  // Always drained, whatever the readers of a run do: backpressure here would hang every engine call about this container.
  stream.on('data', (bytes: Buffer) => {
    if (ended !== undefined) return
    try {
      for (const payload of demultiplex(bytes)) {
        for (const frame of decode(payload)) {
          if (listener) listener.frame(frame)
          else early.push(frame)
          if (early.length > 16) throw new Error('frames before the run')
        }
      }
    } catch (error) {
      end(`it sent what no agent sends: ${error instanceof Error ? error.message : error}`)
      void sandbox.destroy()
    }
  })
  stream.on('end', () => end('its stream ended'))
  stream.on('close', () => end('its stream was closed'))
  stream.on('error', (error) => end(`its stream broke: ${error.message}`))

  const sandbox: AttachedSandbox = {
    ...about,
    send(bytes) {
      if (ended === undefined && stream.writable) stream.write(bytes)
    },
    listen(next) {
      listener = next
      for (const frame of early) next.frame(frame)
      early = []
      if (ended !== undefined) next.end(ended)
    },
    destroy() {
      if (!gone) {
        end('it was removed')
        // The stream first: the agent and everything under it ends by itself, and no unread output can hold the engine's calls up.
        ;(stream as NodeJS.ReadWriteStream & { destroy(): void }).destroy()
        gone = remove()
      }
      return gone
    },
    heldBytes,
    ready: (signal) =>
      withDeadline(
        `its agent was not ready within ${readyDeadlineMs / 1000} s`,
        readyDeadlineMs,
        (late) =>
          new Promise<void>((resolve, reject) => {
            const giveUp = () => reject(signal.reason)
            signal.addEventListener('abort', giveUp, { once: true })
            late.addEventListener('abort', giveUp, { once: true })
            sandbox.listen({
              frame(frame) {
                listener = undefined
                signal.removeEventListener('abort', giveUp)
                if (frame.type === 'ready') resolve()
                else reject(new Error(frame.type === 'fault' ? frame.message : `its agent said "${frame.type}" first`))
              },
              end: (reason) => reject(new Error(`the sandbox ended before it was ready: ${reason}`)),
            })
          }),
      ),
  }
  return sandbox
}

/** An attached stream without a terminal comes in records: stream number, three zeros, a big-endian u32 length (Docker Engine API, "Attach"). */
function createDemultiplexer(): (bytes: Buffer) => Buffer[] {
  const header = Buffer.alloc(8)
  let headerFilled = 0
  let left = 0
  let fromStdout = true
  return (bytes) => {
    const payloads: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      if (left > 0) {
        const piece = bytes.subarray(at, at + left)
        // The agent itself never writes to stderr; what the runtime of the engine says there is no frame.
        if (fromStdout) payloads.push(piece)
        left -= piece.length
        at += piece.length
        continue
      }
      const copied = bytes.copy(header, headerFilled, at, at + 8 - headerFilled)
      headerFilled += copied
      at += copied
      if (headerFilled === 8) {
        fromStdout = header[0] === 1
        left = header.readUInt32BE(4)
        headerFilled = 0
      }
    }
    return payloads
  }
}

async function withDeadline<T>(complaint: string, ms: number, call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(complaint))
      late.abort(new Error(complaint))
    }, ms)
  })
  try {
    return await Promise.race([call(late.signal), deadline])
  } finally {
    clearTimeout(timer)
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number } | null)?.statusCode
}
