import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Which of the two packages a process of its own loads when it opens its telemetry with these settings. */
function loadedWith(env: object): string[] {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = new Set()
    registerHooks({ resolve(name, context, next) {
      const [found] = /^(prom-client|@opentelemetry\\/sdk-trace)$/.exec(name) ?? []
      if (found) loaded.add(found)
      return next(name, context)
    } })
    const { openTelemetry } = await import('./server/telemetry.ts')
    const life = { opened() {} }
    await openTelemetry({ env: ${JSON.stringify(env)}, service: 'bugghost-web', known: [], life, log: console })
    process.stdout.write(JSON.stringify([...loaded].sort()))
    process.exit(0)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' })
  return JSON.parse(stdout || JSON.stringify(stderr))
}

test.each([
  ['nothing when nothing is asked for', { traces: false }, []],
  ['what counts, for metrics', { traces: false, metrics: { host: '127.0.0.1', port: 0 } }, ['prom-client']],
  ['OpenTelemetry, for traces', { traces: true }, ['@opentelemetry/sdk-trace']],
])('a process loads %s', (_, env, loaded) => expect(loadedWith(env)).toEqual(loaded))
