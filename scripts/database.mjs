// `npm run db:backup`, `db:restore` and `db:move`: server/db/transfer/command.ts with the Node and the packages it needs.

import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { createSay } from './setup/say.mjs'
import { root, setUpTools } from './setup.mjs'

async function main() {
  const { node, env } = await setUpTools(createSay({ stream: process.stderr }))
  const command = spawn(node, ['server/db/transfer/command.ts', ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => command.kill(signal))
  const [code] = await once(command, 'close')
  return code ?? 1
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(`! ${error.message}`)
    process.exitCode = 1
  },
)
