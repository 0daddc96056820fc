import { pino } from 'pino'
import { ActorId } from '../protocol/ids.ts'
import { LanguageManifest } from '../protocol/language.ts'
import type { Executor } from '../sandbox/executor.ts'
import { createFakeExecutor, type FakeExecution, type FakeExecutor } from '../sandbox/fake.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import { createActors } from './actor.ts'
import { createLocalDispatch } from './local-dispatch.ts'
import { createLocalRunLog } from './local-run-log.ts'
import { createMemoryRateLimit } from './memory-rate-limit.ts'
import { createMemoryStore } from './memory-store.ts'
import { type Places, placesOf } from './places.ts'
import { newRunId } from './run-id.ts'
import { createRunQuota, type RunRates } from './run-quota.ts'
import { createRuns } from './runs.ts'
import type { Services } from './services.ts'
import type { Store } from './store.ts'
import { noTelemetry, type Telemetry } from './telemetry.ts'

// For tests: everything a request can reach, with a scripted executor and a store that forgets.

export const sampleActor = ActorId.parse('sample-actor')
export const sampleTime = Date.UTC(2026, 10, 23, 12)

const language = (id: string, manifest: object): LoadedLanguage => ({
  id,
  manifest: LanguageManifest.parse({
    name: id,
    version: '1.2',
    entry: `main.${id}`,
    extensions: [`.${id}`],
    editor: id,
    run: { argv: [id, '{entry}'], warm: { argv: [id] } },
    example: { title: 'A bug', file: `example.${id}` },
    ...manifest,
  }),
  image: `bugghost/${id}:test`,
  hello: 'hello',
  expected: { stdout: 'hello' },
  example: 'bug',
  testExample: null,
})

export const sampleLanguages: LoadedLanguage[] = [
  language('compiled', { order: 2, compile: { argv: ['make'], warm: { argv: ['make'] } } }),
  language('script', {
    order: 1,
    format: { name: 'Tidy', argv: ['tidy', '{entry}'], error: '^line (?<line>\\d+):(?<column>\\d+) (?<message>.*)' },
  }),
]

export type OpenServices = Services & { store: Store; close(): Promise<void> }
export type SampleServices = OpenServices & { executor: FakeExecutor }

/** `script` is what every program does; `store` stands in for the one in memory. */
export function createSampleServices(
  options: {
    script?: (execution: FakeExecution) => void
    rates?: Partial<RunRates>
    places?: Partial<Places>
    store?: Store
    publicUrl?: string
    telemetry?: Telemetry
  } = {},
): SampleServices {
  const executor = createFakeExecutor(options.script)
  return { ...createServicesAround({ ...options, executor, languages: sampleLanguages }), executor }
}

/** Services around an executor that may well be a real one. They do not close it. */
export function createServicesAround(parts: {
  executor: Executor
  languages: readonly LoadedLanguage[]
  store?: Store
  publicUrl?: string
  telemetry?: Telemetry
  /** Milliseconds since 1970; without it time stands still. */
  now?: () => number
  rates?: Partial<RunRates>
  places?: Partial<Places>
}): OpenServices {
  const {
    executor,
    languages,
    store = createMemoryStore(),
    publicUrl = 'http://localhost:3000',
    telemetry = noTelemetry,
    now = () => sampleTime,
  } = parts
  const log = pino({ level: 'silent' })
  const runLog = createLocalRunLog({ store, log, onKept: telemetry.metrics.kept })
  const newIncident = () => 'incident-1'
  const dispatch = createLocalDispatch({
    executor,
    runLog,
    log,
    newIncident,
    now,
    places: { ...placesOf(1_000, {}), ...parts.places },
    telemetry,
  })
  const runs = createRuns({
    dispatch,
    store,
    runLog,
    languages,
    instance: 'sample-instance',
    publicUrl,
    log,
    newRunId,
    now,
  })
  return {
    runs,
    executor,
    perform: dispatch.perform,
    quota: createRunQuota(createMemoryRateLimit(now), {
      perMinuteOfVisitor: 10_000,
      perMinuteOfAddress: 10_000,
      perDayOfAddress: 10_000,
      ...parts.rates,
    }),
    store,
    languages,
    actors: createActors({ key: Buffer.alloc(32, 1), secure: false }),
    checkDatabase: async () => {},
    stopping: () => false,
    publicUrl,
    telemetry,
    editor: { path: '/_editor/sample/', parts: [] },
    log,
    async close() {
      await runs.close()
      await runLog.close()
    },
  }
}

/** Prints a line and ends well. */
export const helloScript = (execution: FakeExecution): void => {
  execution.start()
  execution.print('hello\n')
  execution.finish({ stdout_bytes: 6 })
}
