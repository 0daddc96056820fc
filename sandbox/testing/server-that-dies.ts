// A server process that runs endless programs until somebody kills it: `node server-that-dies.ts <installation> <instance>`.
// Says "running" once two programs run and a further sandbox waits.
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { defaultLimits } from '../../protocol/limits.ts'
import { readLanguages } from '../languages.ts'
import { openLocalExecutor } from '../local-executor.ts'

const [installation, instance] = process.argv.slice(2)
if (!installation || !instance) throw new Error('usage: node server-that-dies.ts <installation> <instance>')

const languages = (await readLanguages(join(import.meta.dirname, '..'))).filter(({ id }) => id === 'python')
const executor = await openLocalExecutor({
  languages,
  engine: {},
  instance,
  installation,
  isAlive: async () => true,
  maxRunning: 2,
  maxQueued: 0,
  warm: 1,
  log: { info() {}, warn: console.error, error: console.error },
})
const code = 'import time\nprint("ready")\nwhile True: time.sleep(1)\n'

async function running(): Promise<void> {
  const { events } = executor.start({
    language: 'python',
    version: languages[0]?.manifest.version ?? '',
    mode: 'run',
    flags: {},
    tty: null,
    only: [],
    artifacts: [],
    owner: 'somebody',
    files: [{ path: 'main.py', content: Buffer.from(code) }],
    entry: 'main.py',
    args: [],
    env: {},
    stdin: Buffer.alloc(0),
    stdinOpen: true,
    limits: { ...defaultLimits, wall_time_ms: 60_000 },
  })
  const reading = events[Symbol.asyncIterator]()
  for (;;) {
    const { value, done } = await reading.next()
    if (done) throw new Error('the program ended')
    if (value.type === 'output') return
  }
}

await Promise.all([running(), running()])
while (executor.state().sandboxes.waiting === 0) await setTimeout(10)
console.log('running')
