import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Runs a measurement with this program's own arguments, to its end. @param {string} node @param {string} script @param {NodeJS.ProcessEnv} env @returns {Promise<number>} its exit code */
export async function measure(node, script, env) {
  const bench = spawn(node, [script, ...process.argv.slice(2)], {
    cwd: join(import.meta.dirname, '../..'),
    env,
    stdio: 'inherit',
  })
  // It ends what it has started before itself. A terminal sends SIGINT to it as well; a supervisor's SIGTERM reaches only us.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => bench.kill(signal))
  const [code] = await once(bench, 'close')
  return code ?? 1
}
