// `npm run test:compose`: does what README.md and docs/workers.md say of Docker alone, in a copy of what git knows: brings the stack of one
// machine up, then that of many, sends people and hostile programs to them, and removes what it has made.
// `npm run test:compose -- many-machines` does one of the two.

import { run } from './setup/program.mjs'
import { createSay } from './setup/say.mjs'
import { createChecks } from './test/compose/checks.mjs'
import { prepareGround } from './test/compose/ground.mjs'
import { manyMachines } from './test/compose/many-machines.mjs'
import { oneMachine } from './test/compose/one-machine.mjs'

const say = createSay({ stream: process.stdout })
const parts = { 'one-machine': oneMachine, 'many-machines': manyMachines }

async function main() {
  const wanted = process.argv.slice(2)
  const unknown = wanted.filter((name) => !(name in parts))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')} here, only ${Object.keys(parts).join(' and ')}.`)
  const ground = await prepareGround(say)
  if (!ground) return 1
  const checks = createChecks(say)
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (wanted.length === 0 || wanted.includes(name)) await part(ground, checks, say)
    }
  } finally {
    const made = [`bugghost-app:${ground.tag}`, `bugghost-sandbox-images:${ground.tag}`]
    await run('docker', ['image', 'rm', ...made], { env: ground.engine, deadlineMs: 5 * 60_000 })
    await ground.remove()
  }
  // Read by machines: nothing may follow.
  const { passed, failed } = checks.counts
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(`! ${error.message}`)
    console.log('0 passed, 1 failed')
    process.exitCode = 1
  },
)
