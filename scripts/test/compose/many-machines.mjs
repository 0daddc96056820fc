// Many machines, as docs/workers.md has them under "With Docker only": its commands typed to the letter, in a compose project for each machine.
// All of them are this one, which they reach by the address of its engine's bridge.

import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { run } from '../../setup/program.mjs'
import { root } from '../../setup.mjs'
import { commandsIn } from '../readme-commands.mjs'
import { freePort } from './ground.mjs'
import { languagesReady, post, sendHostile } from './programs.mjs'
import { composeProject } from './project.mjs'

const folders = {
  data: 'deploy/machines/bugghost-data',
  web: 'deploy/machines/bugghost-web',
  worker: 'deploy/machines/bugghost-worker',
}
const hostile = ['py_fork_forever.py', 'py_network.py', 'py_docker_socket.py', 'py_environment.py']

/**
 * @param {import('./ground.mjs').Ground} ground
 * @param {import('./checks.mjs').Checks} checks
 * @param {import('../../setup/say.mjs').Say} say
 */
export async function manyMachines(ground, checks, say) {
  const { check } = checks
  const address = await addressOfThisMachine(ground)
  const [postgresPort, redisPort, ...ports] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const origins = ports.map((port) => `http://127.0.0.1:${port}`)
  const project = (name, folder, env = {}) =>
    composeProject(ground, { name: `${ground.tag}-${name}`, folder, env, withEngine: folder === folders.worker }, say)
  const data = project('data', folders.data, { POSTGRES_PORT: `${postgresPort}`, REDIS_PORT: `${redisPort}` })
  const webs = ports.map((port, index) => project(`web-${index + 1}`, folders.web, { PORT: `${port}`, HOST: '127.0.0.1' }))
  const worker = project('worker', folders.worker, { BUGGHOST_LANGUAGES: 'python@3.13' })
  const all = [worker, ...webs, data]
  const [one = '', other = ''] = origins

  try {
    const blocks = commandsIn(await readFile(join(root, 'docs/workers.md'), 'utf8'), 'With Docker only')
    const [startData = [], startWeb = [], startWorker = []] = blocks.map((lines) => lines.filter((line) => !/^cd /.test(line)))
    const up = 'docker compose up --detach'
    await check('the data asks for passwords in a sentence', () => data.refuses(up, 'Write one into .env'))
    await check('the data asks for its address in a sentence', () => {
      const passwords = ['POSTGRES_PASSWORD', 'REDIS_WEB_PASSWORD', 'REDIS_WORKER_PASSWORD'].map((name) => `${name}=x`)
      return data.refuses(`${passwords.join(' ')} ${up}`, 'address of this machine')
    })
    await check('a web server asks for what it shares in a sentence', () => webs[0].refuses(up, 'database all servers share'))
    await check('a worker asks for Redis in a sentence', () => worker.refuses(up, 'Redis that servers and workers share'))

    for (const line of startData) await data.type(line.replace('10.0.0.2', address))
    await check('PostgreSQL and Redis are well', async () => {
      await data.healthy('postgres')
      await data.healthy('redis')
    })
    const passwords = await readSettings(join(ground.checkout, folders.data, '.env'))
    const redisAs = (user, password) => `redis://${user}:${password}@${address}:${redisPort}`
    const shared = {
      DATABASE_URL: `postgres://bugghost:${passwords.POSTGRES_PASSWORD}@${address}:${postgresPort}/bugghost`,
      REDIS_URL: redisAs('web', passwords.REDIS_WEB_PASSWORD),
      BUGGHOST_COOKIE_KEY: randomBytes(32).toString('base64url'),
    }
    for (const [index, web] of webs.entries()) {
      for (const line of startWeb) {
        // The two are one folder here, and share what is in it.
        if (index > 0 && line.startsWith('cp ')) continue
        await web.type(line)
        if (line.startsWith('cp ')) await fillIn(join(ground.checkout, folders.web, '.env'), shared)
      }
    }
    await check('two web servers are well without an engine', async () => {
      for (const web of webs) await web.healthy('app')
    })
    await check('without a worker a run is refused with a sentence', async () => {
      const answer = await fetch(`${one}/api/runs`, asJson({ language: 'python', code: 'print(1)' }))
      const { error } = await answer.json()
      if (answer.status !== 503 || !/worker/.test(error.message)) throw new Error(`${answer.status} ${JSON.stringify(error)}`)
    })

    for (const line of startWorker) {
      await worker.type(line)
      if (line.startsWith('cp '))
        await fillIn(join(ground.checkout, folders.worker, '.env'), {
          REDIS_URL: redisAs('worker', passwords.REDIS_WORKER_PASSWORD),
        })
    }
    await check('a worker builds its images, and every web server knows', async () => {
      await worker.imagesBuilt()
      await worker.healthy('worker')
      for (const origin of origins) await languagesReady(origin, 1)
    })
    await check('a worker has no word of the database, and its engine none of Redis', async () => {
      const told = async (service) =>
        (await worker.docker('inspect', '--format', '{{json .Config.Env}}', await worker.containerOf(service))).lines.join('')
      if (/postgres|DATABASE|COOKIE/i.test(await told('worker'))) throw new Error('The worker has.')
      if (/redis/i.test(await told('dind'))) throw new Error('The engine has.')
    })
    await check('a run of one web server is read at the other', async () => {
      const { run_id, stdout } = await post(one, { language: 'python', code: 'print(6 * 7)' })
      if (stdout !== '42\n') throw new Error(`It wrote ${JSON.stringify(stdout)}.`)
      const page = await (await fetch(`${other}/r/${run_id}`)).text()
      if (!page.includes('42')) throw new Error('Its page does not show what it wrote.')
    })
    await sendHostile(one, hostile, check)
    await check('an image that is built by hand is taken up by the worker', async () => {
      await worker.type('docker compose run --rm sandbox-images lua')
      for (const origin of origins) await languagesReady(origin, 2)
      const { stdout } = await post(other, { language: 'lua', code: 'print("by hand")' })
      if (stdout !== 'by hand\n') throw new Error(`It wrote ${JSON.stringify(stdout)}.`)
    })
    await check('a worker that is killed in the middle leaves a run that was interrupted, with what it wrote', async () => {
      const { run_id } = await begin(one, {
        language: 'python',
        code: 'print("so far", flush=True)\nwhile True: pass',
        timeout_sec: 60,
      })
      await events(other, run_id, (text) => text.includes('so far'))
      await worker.asked(['kill', 'worker'])
      const told = await events(other, run_id, (text) => text.includes('"finished"'))
      if (!told.includes('interrupted')) throw new Error(told.slice(-300))
      const { status, stdout } = await (await fetch(`${one}/api/runs/${run_id}`)).json()
      if (stdout !== 'so far\n') throw new Error(`${status}: ${JSON.stringify(stdout)}`)
    })
    await worker.type(up)
    await check('a worker that comes back takes runs again', async () => {
      await worker.healthy('worker')
      for (const origin of origins) await languagesReady(origin, 1)
      const { stdout } = await post(other, { language: 'python', code: 'print("again")' })
      if (stdout !== 'again\n') throw new Error(`It wrote ${JSON.stringify(stdout)}.`)
    })
    await check('what has run is still there when the data was down and up', async () => {
      const { run_id } = await post(one, { language: 'python', code: 'print("kept")' })
      await data.asked(['restart'])
      await data.healthy('postgres')
      await data.healthy('redis')
      for (const origin of origins) await languagesReady(origin, 1)
      const { stdout } = await (await fetch(`${other}/api/runs/${run_id}`)).json()
      if (stdout !== 'kept\n') throw new Error(`It is ${JSON.stringify(stdout)}.`)
      const again = await post(one, { language: 'python', code: 'print("on")' })
      if (again.stdout !== 'on\n') throw new Error(`The next wrote ${JSON.stringify(again.stdout)}.`)
    })
    for (const each of all) await each.type('docker compose down --volumes')
    await check('nothing of them is left when they have been removed', async () => {
      for (const each of all) await each.assertNothingLeft()
    })
  } catch (error) {
    checks.failed(`docs/workers.md could not be followed to its end\n${error.message}`)
    for (const each of all) await each.tellAll()
  } finally {
    for (const each of all) await each.remove()
  }
}

/** By which containers of any network reach what this machine publishes. @param {import('./ground.mjs').Ground} ground */
async function addressOfThisMachine({ engine }) {
  const args = ['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}']
  const { ok, lines } = await run('docker', args, { env: engine, deadlineMs: 30_000 })
  if (!ok || !lines[0]) throw new Error(`The engine's bridge has no address: ${lines.join(' ')}`)
  return lines[0]
}

/** @param {string} path @returns {Promise<Record<string, string>>} */
async function readSettings(path) {
  return Object.fromEntries(
    [...(await readFile(path, 'utf8')).matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  )
}

/** As a person does in an editor. @param {string} path @param {Record<string, string>} settings that have a line without a value */
async function fillIn(path, settings) {
  let text = await readFile(path, 'utf8')
  for (const [name, value] of Object.entries(settings)) {
    if (!text.includes(`\n${name}=\n`)) throw new Error(`${path} has no empty line for ${name}.`)
    text = text.replace(`\n${name}=\n`, () => `\n${name}=${value}\n`)
  }
  await writeFile(path, text)
}

const asJson = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

/** Starts a run and does not wait for its end. */
async function begin(origin, request) {
  const answer = await fetch(`${origin}/api/runs`, asJson({ ...request, wait: false }))
  const body = await answer.json()
  if (answer.status !== 202) throw new Error(`${answer.status} ${JSON.stringify(body.error)}`)
  return body
}

/** Reads a run's events until what has come is enough; throws when they end before, or after a minute. */
async function events(origin, runId, isEnough) {
  const answer = await fetch(`${origin}/api/runs/${runId}/events`, { signal: AbortSignal.timeout(60_000) })
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of answer.body) {
    text += decoder.decode(bytes, { stream: true })
    if (isEnough(text)) return text
  }
  throw new Error(`Its events ended: ${text.slice(-300)}`)
}
