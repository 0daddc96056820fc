import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A socket in front of the machine's engine that can be away, as an engine can, without touching the engine. */
export async function openEngineProxy(enginePath = '/var/run/docker.sock') {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'))
  const path = join(folder, 'engine.sock')
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: enginePath, allowHalfOpen: true })
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  })
  const leave = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of open) socket.destroy()
    await closed
  }
  return {
    host: `unix://${path}`,
    appear: () => new Promise<void>((resolve) => server.listen(path, resolve)),
    /** Every connection breaks and none is taken any more. */
    leave,
    async [Symbol.asyncDispose]() {
      await leave()
      await rm(folder, { recursive: true })
    },
  }
}
