// A compose project: its folder, its commands as people type them, and what can be asked of it.

import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { run } from '../../setup/program.mjs'

/**
 * @param {import('./ground.mjs').Ground} ground
 * @param {{ name: string, folder?: string, env?: Record<string, string>, withEngine: boolean }} options `folder` within the checkout
 * @param {import('../../setup/say.mjs').Say} say
 */
export function composeProject(ground, { name, folder = '.', env = {}, withEngine }, say) {
  const cwd = join(ground.checkout, folder)
  const shell = {
    cwd,
    env: {
      ...ground.shell,
      COMPOSE_PROJECT_NAME: name,
      // Where the override is looked for is decided by the first of them.
      COMPOSE_FILE: ['docker-compose.yml', ...(withEngine ? ground.overrides : [])].join(delimiter),
      NESTED_ENGINE: join(ground.checkout, 'scripts/test/nested-engine'),
      BUGGHOST_TAG: ground.tag,
      ...env,
    },
  }
  const docker = (...args) => run('docker', args, { env: ground.engine, deadlineMs: 30_000 })

  async function asked(args) {
    const { ok, why, lines } = await run('docker', ['compose', ...args], { ...shell, deadlineMs: 5 * 60_000 })
    if (!ok) throw new Error(`docker compose ${args.join(' ')}: ${why}\n${lines.slice(-8).join('\n')}`)
    return lines.join('\n').trim()
  }
  const containerOf = async (service) => (await asked(['ps', '--all', '--quiet', service])).split('\n').at(-1) ?? ''

  return {
    asked,
    containerOf,
    docker,
    /** As a person would, with what it says shown. @param {string} line */
    async type(line) {
      say.line(`$ ${line}`)
      const { ok, why } = await run('sh', ['-c', line], { ...shell, shown: true, deadlineMs: 60 * 60_000 })
      if (!ok) throw new Error(`${line}: ${why}`)
    },
    /** For what has to go wrong: throws when it does not, or does not say `sentence`. @param {string} line @param {string} sentence */
    async refuses(line, sentence) {
      const { ok, lines } = await run('sh', ['-c', line], { ...shell, deadlineMs: 60_000 })
      if (ok) throw new Error('It started.')
      if (!lines.join(' ').includes(sentence)) throw new Error(`It says only: ${lines.join(' ')}`)
    },
    /** @param {string} service */
    async healthy(service) {
      const id = await containerOf(service)
      for (;;) {
        const { ok, lines } = await docker('inspect', '--format', '{{.State.Health.Status}}', id)
        if (ok && lines[0] === 'healthy') return
        if (!ok || lines[0] === 'unhealthy') throw new Error(`${service} is ${lines.join(' ')}.`)
        await sleep(500)
      }
    },
    /** Waits for the service that builds images to end. */
    async imagesBuilt() {
      const id = await containerOf('sandbox-images')
      const { lines } = await run('docker', ['wait', id], { env: ground.engine, deadlineMs: 30 * 60_000 })
      if (lines[0] !== '0') throw new Error(`sandbox-images ended with ${lines.join(' ')}.`)
    },
    tellAll: () =>
      run('sh', ['-c', 'docker compose ps; docker compose logs --tail=60'], { ...shell, shown: true, deadlineMs: 60_000 }),
    async assertNothingLeft() {
      for (const kind of ['container', 'volume', 'network']) {
        const all = kind === 'container' ? ['--all'] : []
        const { lines } = await docker(kind, 'ls', ...all, '--quiet', '--filter', `label=com.docker.compose.project=${name}`)
        if (lines.length > 0) throw new Error(`${lines.length} of kind ${kind}`)
      }
    },
    remove: () => run('docker', ['compose', 'down', '--volumes', '--timeout', '5'], { ...shell, deadlineMs: 5 * 60_000 }),
  }
}

/** @typedef {ReturnType<typeof composeProject>} ComposeProject */
