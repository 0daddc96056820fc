import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createApiClient } from '../protocol/api-client.ts'
import { freePort } from '../server/testing/free-port.ts'

/** The product as `npm start` serves it, on a port and a data folder of its own. It does not outlive this process. */
export async function startServer(root: string, settings: Record<string, string>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'bugghost-bench-'))
  const port = await freePort()
  const server = spawn(process.execPath, [join(root, 'bench/leash.ts'), process.execPath, join(root, 'dist/server.mjs')], {
    cwd: root,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      BUGGHOST_DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      // One address asks for as much as the machine gives.
      BUGGHOST_RUNS_PER_MINUTE: '1000000',
      BUGGHOST_RUNS_PER_MINUTE_PER_ADDRESS: '1000000',
      BUGGHOST_RUNS_PER_DAY_PER_ADDRESS: '1000000',
      ...settings,
    },
    // The leash holds its end of stdin: when this process is gone, however that came, the server goes too.
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await ready(server)
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    api: createApiClient(url),
    async close() {
      const ended = once(server, 'exit')
      server.stdin?.end()
      await ended
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function ready(server: ChildProcess): Promise<void> {
  const died = once(server, 'exit').then(([code]) => {
    throw new Error(`the server ended with code ${code} before it was ready`)
  })
  const said = (async () => {
    for await (const line of createInterface({ input: server.stdout! })) if (line.includes('is ready')) return
  })()
  await Promise.race([said, died])
}
