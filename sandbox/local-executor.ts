import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { AppError } from '../protocol/errors.ts'
import { connectEngine, type Engine } from './docker.ts'
import type { EngineAddress } from './engine-address.ts'
import { execute } from './execute.ts'
import type { Execution, Executor, Job } from './executor.ts'
import type { LoadedLanguage } from './languages.ts'
import { type Log, reasonOf } from './log.ts'
import { createPool } from './pool.ts'
import { startReaper } from './reaper.ts'
import { sandboxSpecOf } from './steps.ts'

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
  /** Another OCI runtime of the engine's. */
  runtime?: string | undefined
  /** Waiting sandboxes for each language, instead of what its manifest says. */
  warm?: number | undefined
  log: Log
}

/** How often the engine is asked whether it is there, and which images it has by now. */
const lookMs = 2_000

type ImageState = { imageId: string | null; message: string }

/** Runs jobs in containers of one Docker engine. It starts without the engine and works as soon as that answers. */
export async function openLocalExecutor(options: LocalExecutorOptions): Promise<Executor> {
  const { languages, instance, installation, log } = options
  const engine: Engine = connectEngine({
    address: options.engine,
    instance,
    installation,
    runtime: options.runtime,
    newSandboxId: () => randomBytes(8).toString('hex'),
  })
  const byId = new Map(languages.map((language) => [language.id, language]))
  const images = new Map<string, ImageState>(
    languages.map(({ id }) => [id, { imageId: null, message: 'The engine has not answered yet.' }]),
  )
  let engineState = { ok: false, message: 'The Docker engine has not answered yet.' }
  const executions = new Set<Execution>()
  const pool = createPool({
    factory: engine,
    maxRunning: options.maxRunning,
    maxQueued: options.maxQueued,
    maxPreparing: availableParallelism(),
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
      const { version, runtimes } = await engine.ping()
      if (options.runtime && !runtimes.includes(options.runtime))
        throw new Error(
          `it has no runtime "${options.runtime}" (it has ${runtimes.join(', ')}); unset BUGGHOST_RUNTIME or install it`,
        )
      await Promise.all(languages.map(lookForImage))
      engineState = { ok: true, message: `Docker ${version}` }
      if (!wasOk) {
        log.info({ version }, 'the Docker engine answers')
        reaper.look()
      }
    } catch (error) {
      engineState = {
        ok: false,
        message: `The Docker engine cannot be used: ${reasonOf(error)}. Start it, or set DOCKER_HOST; runs work again by themselves once it answers.`,
      }
      if (wasOk) log.error({ reason: reasonOf(error) }, 'the Docker engine does not answer')
    }
  }

  async function lookForImage(language: LoadedLanguage): Promise<void> {
    const before = images.get(language.id)?.imageId ?? null
    const imageId = await engine.findImage(language.image)
    images.set(
      language.id,
      imageId
        ? { imageId, message: 'ready' }
        : { imageId, message: `Its image ${language.image} is missing. Build it with: npm run setup` },
    )
    if (imageId === before) return
    if (before) pool.keepWaiting(sandboxSpecOf({ ...language, imageId: before }), 0)
    if (imageId) pool.keepWaiting(sandboxSpecOf({ ...language, imageId }), options.warm ?? language.manifest.warm_sandboxes)
  }

  function start(job: Job): Execution {
    const language = byId.get(job.language)
    const image = images.get(job.language)
    if (!language || !image) throw new AppError('invalid', `There is no language "${job.language}" here.`)
    if (!engineState.ok) throw new AppError('unavailable', engineState.message, { retryAfterSec: 5 })
    if (!image.imageId)
      throw new AppError('unavailable', `${language.manifest.name} is not ready: ${image.message}`, { retryAfterSec: 30 })
    pool.assertRoom()
    const spec = sandboxSpecOf({ ...language, imageId: image.imageId }, job.limits)
    const execution = execute({
      job,
      manifest: language.manifest,
      image: language.image,
      imageDigest: image.imageId,
      acquire: (signal) => pool.acquire(spec, signal),
      clock: () => performance.now(),
      incident(what, cause) {
        const number = randomBytes(4).toString('hex')
        log.error({ incident: number, language: language.id, cause: reasonOf(cause) }, what)
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
      languages: languages.map(({ id, image }) => {
        const state = images.get(id)
        return {
          id,
          ready: engineState.ok && state?.imageId != null,
          message: state?.message ?? '',
          image,
          imageDigest: state?.imageId ?? '',
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
