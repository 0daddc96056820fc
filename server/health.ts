import packageJson from '../package.json' with { type: 'json' }
import type { Health } from '../protocol/contract.ts'
import type { Services } from './services.ts'

/** A database that takes longer is as good as gone to someone waiting for an answer. */
const databaseMs = 2000

/**
 * What works and what does not, with what to do about it. All is well while programs of the first language run and what is
 * missing comes by itself. Answers within two seconds, whatever is down. Never rejects.
 */
export async function healthOf(services: Pick<Services, 'executor' | 'checkDatabase' | 'stopping' | 'log'>): Promise<Health> {
  const { engine, languages, sandboxes } = services.executor.state()
  const database = await databaseHealth(services)
  const first = languages[0]
  const runs = first === undefined || first.ready
  const ok = database.ok && engine.ok && runs && languages.every(({ ready, building }) => ready || building)
  return {
    status: services.stopping() ? 'stopping' : ok ? 'ok' : 'degraded',
    version: packageJson.version,
    database,
    engine: { ok: engine.ok, message: engine.message },
    languages: languages.map(({ id, version, ready, message }) => ({ id, version, ready, message })),
    sandboxes,
  }
}

async function databaseHealth({ checkDatabase, log }: Pick<Services, 'checkDatabase' | 'log'>): Promise<Health['database']> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`gives no answer within ${databaseMs / 1000} s`), databaseMs)
  })
  const answer = checkDatabase().then(
    () => undefined,
    (err: unknown) => {
      // Said only to the log: a driver's message can hold an address or a statement, and this page is open to all.
      log.warn({ err }, 'The database does not answer')
      return 'does not answer'
    },
  )
  const problem = await Promise.race([answer, late]).finally(() => clearTimeout(timer))
  if (problem === undefined) return { ok: true, message: 'The database answers.' }
  return { ok: false, message: `The database ${problem}: no run can be kept or shown. The server's log says why.` }
}
