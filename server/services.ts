import type { Logger } from 'pino'
import type { Executor } from '../sandbox/executor.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import type { Actors } from './actor.ts'
import type { EditorFiles } from './built-files.ts'
import type { Dispatch } from './dispatch.ts'
import type { RunQuota } from './run-quota.ts'
import type { Runs } from './runs.ts'
import type { Telemetry } from './telemetry.ts'

/** What route handlers, pages and sockets may call. Built once by `index.ts`. */
export type Services = {
  runs: Runs
  /** How the sandboxes are, here or on the workers. */
  executor: Pick<Executor, 'state'>
  perform: Dispatch['perform']
  /** Asked before a run is started or a file formatted. */
  quota: RunQuota
  languages: readonly LoadedLanguage[]
  actors: Actors
  /** Resolves when the database answered just now; rejects with the reason. */
  checkDatabase(): Promise<void>
  /** Whether this process has been told to stop. */
  stopping(): boolean
  /** The address people use, without a slash at the end: "http://localhost:3000". */
  publicUrl: string
  editor: EditorFiles
  telemetry: Telemetry
  log: Logger
}

// A route handler runs in a bundle of its own, with its own copy of every module: a singleton kept in a module would exist twice.
// The process has one global object, so the services hang there. This is the only file that touches globalThis.
const key = Symbol.for('bugghost.services')
type Holder = { [key]?: Services }

export function provideServices(services: Services): void {
  ;(globalThis as Holder)[key] = services
}

export function services(): Services {
  const provided = (globalThis as Holder)[key]
  if (!provided) throw new Error('Bug Ghost runs on its own server: start it with `npm start`, not with `next start`.')
  return provided
}
