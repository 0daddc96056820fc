import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * For tests: hands connections to several servers in turn, and to the next one where nobody listens any more. It knows nothing of HTTP and
 * asks for nobody's health, so it finds out late.
 */
export async function openBalancer(ports: Iterable<number>) {
  const targets = new Set(ports)
  const open = new Set<Socket>()
  let turn = 0
  const server = createServer((client) => {
    hold(client)
    const all = [...targets]
    const inTurn = all.map((_, n) => all[(turn + n) % all.length] as number)
    turn++
    tryNext(client, inTurn)
  })

  function hold(socket: Socket): void {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  }

  function tryNext(client: Socket, [port, ...rest]: number[]): void {
    if (port === undefined) return void client.destroy()
    const target = connect(port, '127.0.0.1')
    target.once('error', () => tryNext(client, rest))
    target.once('connect', () => {
      target.removeAllListeners('error')
      hold(target)
      client.on('close', () => target.destroy())
      target.on('close', () => client.destroy())
      client.pipe(target)
      target.pipe(client)
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    add: (target: number) => void targets.add(target),
    remove: (target: number) => void targets.delete(target),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
