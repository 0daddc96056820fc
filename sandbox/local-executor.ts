import { randomBytes } from 'node:crypto'
import { availableParallelism, freemem } from 'node:os'
import { AppError } from '../protocol/errors.ts'
import { connectEngine, type Engine } from './engine/docker.ts'
import { type EngineAddress, isOnThisMachine } from './engine/engine-address.ts'
import { startReaper } from './engine/reaper.ts'
import { assertListed, chooseRuntime } from './engine/runtime.ts'
import { execute } from './execution/execute.ts'
import { sandboxSpecOf } from './execution/steps.ts'
import type { EngineCall, Execution, Executor, Job, StartOptions } from './executor.ts'
import { type ImageBuild, wordsOfMissing } from './images/image-builds.ts'
import type { LoadedLanguage } from './languages.ts'
import { type Log, reasonOf } from './log.ts'
import { createPool } from './pool/pool.ts'

export type LocalExecutorOptions = {
  languages: readonly LoadedLanguage[]
  engine: EngineAddress
  /** This server process, and the installation it belongs to: written on every container, so that a later start knows whose they were. */
  instance: string
  installation: string
  /** Whether the server process that made a container still lives. */
  isAlive(instance: string): Promise<boolean>
  maxRunning: number
  maxQueued: number
  /** Of the runs that wait, how many may be one owner's; half of them without it. */
  maxQueuedPerOwner?: number | undefined
  /** The OCI runtime of the engine's to use; without it the best one it has. */
  runtime?: string | undefined
  /** Exactly this many waiting sandboxes for each language, whatever is used. Without it the pool follows what is. */
  warm?: number | undefined
  /** How far the images are that somebody builds, by tag. Without it nobody does. */
  imageBuilds?: (() => Promise<ReadonlyMap<string, ImageBuild>>) | undefined
  /** What the engine is asked for around sandboxes, and how long that takes. */
  onEngineCall?: ((call: EngineCall, ms: number, done: boolean) => void) | undefined
  log: Log
}

/** How often the engine is asked whether it is there, and which images it has by now. */
const lookMs = 2_000

/** `building`: it will be there without anybody's doing. */
type ImageState = { imageId: string | null; building: boolean; message: string }

const versionKey = (language: string, version: string) => `${language} ${version}`
const keyOf = ({ id, manifest }: LoadedLanguage) => versionKey(id, manifest.version)

/** Runs jobs in containers of one Docker engine. It starts without the engine and works as soon as that answers. */
export async function openLocalExecutor(options: LocalExecutorOptions): Promise<Executor> {
  const { languages, instance, installation, log } = options
  const engine: Engine = connectEngine({
    address: options.engine,
    instance,
    installation,
    runtime: options.runtime,
    newSandboxId: () => randomBytes(8).toString('hex'),
    onCall: options.onEngineCall,
  })
  const byVersion = new Map(languages.map((language) => [keyOf(language), language]))
  const images = new Map<string, ImageState>(
    languages.map((language) => [
      keyOf(language),
      { imageId: null, building: false, message: 'The engine has not answered yet.' },
    ]),
  )
  const imageIdOf = (language: LoadedLanguage) => images.get(keyOf(language))?.imageId ?? null
  const isFirstVersion = (language: LoadedLanguage) => languages.find(({ id }) => id === language.id) === language
  let buildsProblem = ''
  let engineMemoryBytes = 0
  let runtimeIsChosen = false
  let engineState = { ok: false, message: 'The Docker engine has not answered yet.' }
  const executions = new Set<Execution>()
  const pool = createPool({
    factory: engine,
    maxRunning: options.maxRunning,
    maxQueued: options.maxQueued,
    maxQueuedPerOwner: options.maxQueuedPerOwner ?? Math.ceil(options.maxQueued / 2),
    maxPreparing: availableParallelism(),
    sizing: options.warm === undefined ? 'follow-demand' : 'fixed',
    cpus: availableParallelism(),
    // Of an engine elsewhere, or in a virtual machine of its own, we only know how much there is.
    availableMemory: () => (process.platform === 'linux' && isOnThisMachine(options.engine) ? freemem() : engineMemoryBytes / 2),
    onTrouble(spec, reason) {
      log.warn({ sandbox: spec.key, reason: reasonOf(reason) }, 'a waiting sandbox was lost')
      void look()
    },
  })
  const reaper = startReaper({ engine, instance, installation, isAlive: options.isAlive, log })

  let looking: Promise<void> | undefined
  /** Asks the engine how it is. Never rejects; a look under way serves all who ask. */
  function look(): Promise<void> {
    looking ??= lookNow().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function lookNow(): Promise<void> {
    const wasOk = engineState.ok
    try {
      const { version, runtimes, memoryBytes } = await engine.ping()
      engineMemoryBytes = memoryBytes
      assertListed(options.runtime, runtimes)
      await lookForImages(runtimes)
      engineState = { ok: true, message: `Docker ${version}` }
      if (!wasOk) {
        log.info({ version }, 'the Docker engine answers')
        reaper.look()
      }
    } catch (error) {
      // One that comes back may be another.
      runtimeIsChosen = false
      engineState = {
        ok: false,
        message: `The Docker engine cannot be used: ${reasonOf(error)}. Start it, or set DOCKER_HOST; runs work again by themselves once it answers.`,
      }
      if (wasOk) log.error({ reason: reasonOf(error) }, 'the Docker engine does not answer')
    }
  }

  async function lookForRuntime(listed: readonly string[], found: ReadonlyMap<string, string>): Promise<void> {
    const language = languages.find(({ image }) => found.has(image))
    const imageId = language && found.get(language.image)
    const runtime = await chooseRuntime({
      wanted: options.runtime,
      listed: language || options.runtime ? listed : [],
      log,
      async tryOut(name) {
        // Without an image there is nothing to try it with; the next look may have one.
        if (!language || !imageId) return
        const spec = { ...sandboxSpecOf({ ...language, imageId }), agentArguments: [] }
        const sandbox = await engine.prepare(spec, new AbortController().signal, name)
        await sandbox.destroy()
      },
    })
    engine.setRuntime(runtime)
    runtimeIsChosen = language !== undefined
  }

  async function lookForImages(runtimes: readonly string[]): Promise<void> {
    // What is built is asked first: an image that is finished in between is then found, and not missed by both.
    const builds = languages.every(imageIdOf) ? new Map<string, ImageBuild>() : await lookForBuilds()
    const found = await engine.listImages(languages.map(({ image }) => image))
    // Before any is kept waiting, or the first ones would be of another runtime.
    if (!runtimeIsChosen) await lookForRuntime(runtimes, found)
    for (const language of languages) {
      const before = imageIdOf(language)
      const imageId = found.get(language.image) ?? null
      const words = imageId ? { building: false, message: 'ready' } : wordsOfMissing(language.image, builds.get(language.image))
      images.set(keyOf(language), { imageId, ...words })
      // Of the other versions a sandbox is made when somebody asks for one.
      if (imageId === before || !isFirstVersion(language)) continue
      if (before) pool.keepWaiting(sandboxSpecOf({ ...language, imageId: before }), 0)
      if (imageId) pool.keepWaiting(sandboxSpecOf({ ...language, imageId }), options.warm ?? language.manifest.warm_sandboxes)
    }
  }

  async function lookForBuilds(): Promise<ReadonlyMap<string, ImageBuild>> {
    try {
      const builds = (await options.imageBuilds?.()) ?? new Map()
      buildsProblem = ''
      return builds
    } catch (error) {
      // Asked every other second; once is enough to be told.
      const reason = reasonOf(error)
      if (reason !== buildsProblem) log.warn({ reason }, 'how far the images are cannot be read')
      buildsProblem = reason
      return new Map()
    }
  }

  function start(job: Job, { permit, log: logOfRun = () => log }: StartOptions = {}): Execution {
    const language = byVersion.get(versionKey(job.language, job.version))
    const image = language && images.get(keyOf(language))
    if (!language || !image) throw new AppError('invalid', `There is no ${job.language} ${job.version} here.`)
    if (!engineState.ok) throw new AppError('unavailable', engineState.message, { retryAfterSec: 5 })
    if (!image.imageId) {
      const { name, version } = language.manifest
      throw new AppError('unavailable', `${name} ${version} is not ready: ${image.message}`, { retryAfterSec: 30 })
    }
    pool.assertRoom(job.owner)
    const spec = sandboxSpecOf({ ...language, imageId: image.imageId }, job.limits, job.tty !== null)
    const execution = execute({
      job,
      manifest: language.manifest,
      image: language.image,
      imageDigest: image.imageId,
      acquire: (signal) => pool.acquire(spec, signal, job.owner),
      permit,
      clock: () => performance.now(),
      incident(what, cause) {
        const number = randomBytes(4).toString('hex')
        logOfRun().error({ incident: number, language: language.id, cause: reasonOf(cause) }, what)
        void look()
        return number
      },
    })
    executions.add(execution)
    void execution.finished.then(() => executions.delete(execution))
    return execution
  }

  await look()
  const timer = setInterval(() => void look(), lookMs)
  timer.unref()

  return {
    start,
    state: () => ({
      engine: engineState,
      languages: languages.map((language) => {
        const { imageId, building, message } = images.get(keyOf(language)) as ImageState
        return {
          id: language.id,
          version: language.manifest.version,
          ready: engineState.ok && imageId !== null,
          building,
          message: engineState.ok ? message : 'The Docker engine cannot be used.',
          image: language.image,
          imageDigest: imageId ?? '',
        }
      }),
      sandboxes: pool.counts(),
    }),
    async close() {
      clearInterval(timer)
      const ends = [...executions].map((execution) => execution.finished)
      for (const execution of executions) execution.cancel('shutdown')
      await Promise.all(ends)
      await Promise.all([pool.close(), reaper.close()])
    },
  }
}
