// `npm run test:compose`: does what README.md says under "With Docker only", to the letter, in a copy of what git knows: brings
// the whole stack up, sends people and hostile programs to it, brings it down and up again, and removes what it has made.

import { once } from 'node:events'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { makeOfflineImages, missingImages } from './offline-images.mjs'
import { ensureChromium } from './setup/chromium.mjs'
import { aptInstall, debianHere } from './setup/debian.mjs'
import { ensureEngine } from './setup/docker-engine.mjs'
import { setting } from './setup/env.mjs'
import { run } from './setup/program.mjs'
import { createSay } from './setup/say.mjs'
import { scratchFolder } from './setup/scratch.mjs'
import { root, setUpTools } from './setup.mjs'
import { countPlaywright } from './test/counts.mjs'
import { failuresOfPlaywright } from './test/failures.mjs'
import { commandsIn } from './test/readme-commands.mjs'

/** Enough for every test below, and for both ways in which an image gets its packages. */
const languages = 'python@3.13 javascript@24.21'

/** What a stranger does on the first day. */
const specs = [
  ...['run-a-program', 'stop-a-program', 'type-into-a-program', 'share-a-run', 'compare-two-runs', 'find-my-runs'],
  ...['reload-in-the-middle', 'without-websockets', 'fork-a-run', 'take-a-run-away', 'hostile-output'],
]
/** Tests of languages that are not built here. */
const ofOtherLanguages = 'TypeScript|Java example|does not compile'

/** Each of another class: processes, memory, output, time, network, the engine, privileges, the machine's files. */
const hostile = [
  ...['py_fork_forever.py', 'py_mem_bomb.py', 'py_output_flood.py', 'py_cpu_burn.py', 'py_network.py', 'py_docker_socket.py'],
  ...['py_privileges.py', 'py_syscalls.py', 'py_environment.py', 'py_kill_everyone.py', 'py_disk_fill.py', 'js_spawn_bomb.js'],
]

const say = createSay({ stream: process.stdout })
let passed = 0
let failed = 0

/** @param {string} rule @param {() => Promise<void> | void} act throws when it is broken */
async function check(rule, act) {
  try {
    await act()
    passed++
    say.line(`✓ ${rule}`)
  } catch (error) {
    failed++
    say.warn(`✗ ${rule}\n${error.message}`)
  }
}

async function main() {
  const { node, env } = await setUpTools(say)
  const engine = await ensureEngine(root, { installDocker: false }, say)
  const chromium = await ensureChromium({ installAllowed: false }, say)
  if (!engine || !chromium) return 1
  const compose = await findCompose(engine.env)
  if (!compose) return 1
  const images = await ensureImages({ node, engine })
  if (!images) return 1

  const checkout = await scratchFolder('compose')
  await copyWhatGitKnows(checkout.path)
  const name = `bgcompose-${process.pid}`
  const port = setting('E2E_PORT') ?? String(await freePort())
  const origin = `http://127.0.0.1:${port}`
  const nested = !(await privilegedStarts(engine))
  if (nested) say.line('Privileged containers do not start here: the engine inside gets its capabilities one by one.')
  const files = ['docker-compose.yml', ...(nested ? ['scripts/test/nested-engine/compose.yml'] : [])]
  const wrapper = join(checkout.path, '.bin')
  await provide(wrapper, compose)
  const shell = {
    cwd: checkout.path,
    env: {
      ...engine.env,
      PATH: [wrapper, env.PATH].join(delimiter),
      COMPOSE_PROJECT_NAME: name,
      // Where the override is looked for is decided by the first of them.
      COMPOSE_FILE: files.join(delimiter),
      PORT: port,
      HOST: '127.0.0.1',
      BUGGHOST_URL: origin,
      BUGGHOST_TAG: name,
      BUGGHOST_LANGUAGES: languages,
      // Without buildx its name alone is an error.
      ...((await succeeds('docker', ['buildx', 'version'], engine.env)) ? {} : { DOCKER_BUILDKIT: '0' }),
    },
  }
  const type = async (line) => {
    say.line(`$ ${line}`)
    const { ok, why } = await run('sh', ['-c', line], { ...shell, shown: true, deadlineMs: 60 * 60_000 })
    if (!ok) throw new Error(`${line}: ${why}`)
  }
  const asked = async (args) => {
    const { ok, why, lines } = await run('docker', ['compose', ...args], { ...shell, deadlineMs: 5 * 60_000 })
    if (!ok) throw new Error(`docker compose ${args.join(' ')}: ${why}\n${lines.slice(-8).join('\n')}`)
    return lines.join('\n').trim()
  }
  const containerOf = async (service) => (await asked(['ps', '--all', '--quiet', service])).split('\n').at(-1) ?? ''
  const ground = { shell, asked, containerOf, origin, env: engine.env }

  try {
    const [start = [], watch = [], again = [], remove = []] = commandsIn(
      await readFile(join(root, 'README.md'), 'utf8'),
      'With Docker only',
    )
    await check('start refuses a missing password with a sentence', () => refusesWithoutPassword(ground, start))
    for (const line of start) await type(line)
    await check('the pages are there before any program can run', async () => {
      await healthy(ground)
      const page = await fetch(origin)
      if (page.status !== 200) throw new Error(`${origin} answers ${page.status}.`)
    })
    for (const line of watch) await type(line)
    await check('the one-shot ends well, and the app finds what it has built', () => languagesReady(ground, 2))
    await closed(ground)
    await sizes(ground)
    await playwright({ node, env, chromium, origin })
    await sendHostile(origin)

    const shared = await post(origin, { language: 'python', code: 'print("kept")' })
    for (const line of again) await type(line)
    await check('what was shared is still there after down and up', async () => {
      await healthy(ground)
      const { stdout, code } = await (await fetch(`${origin}/api/runs/${shared.run_id}`)).json()
      if (stdout !== 'kept\n') throw new Error(`The run is ${JSON.stringify({ stdout, code })}.`)
      const page = await (await fetch(`${origin}/r/${shared.run_id}`)).text()
      if (!page.includes('kept')) throw new Error('Its page does not show what it wrote.')
    })
    await check('its images are still there too: a program runs without any build', async () => {
      await languagesReady(ground, 2)
      const { stdout } = await post(origin, { language: 'python', code: 'print(6 * 7)' })
      if (stdout !== '42\n') throw new Error(`It wrote ${JSON.stringify(stdout)}.`)
    })
    for (const line of remove) await type(line)
    await check('nothing of it is left when it has been removed', () => nothingLeft(name, engine.env))
  } catch (error) {
    failed++
    say.warn(`✗ README.md could not be followed to its end\n${error.message}`)
    await run('sh', ['-c', 'docker compose ps; docker compose logs --tail=60'], { ...shell, shown: true, deadlineMs: 60_000 })
  } finally {
    await run('docker', ['compose', 'down', '--volumes', '--timeout', '5'], { ...shell, deadlineMs: 5 * 60_000 })
    const made = [`bugghost-app:${name}`, `bugghost-sandbox-images:${name}`, ...images.made.reverse()]
    await run('docker', ['image', 'rm', ...made], { env: engine.env, deadlineMs: 5 * 60_000 })
    checkout.remove()
  }
  // Read by machines: nothing may follow.
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

/** `docker compose` as a plugin, or the older program of its own. @returns {Promise<string | null>} how it is called */
async function findCompose(env) {
  if (await succeeds('docker', ['compose', 'version'], env)) return 'docker compose'
  if (await succeeds('docker-compose', ['version'], env)) return 'docker-compose'
  const debian = await debianHere({ installAllowed: false })
  if (
    debian &&
    (await aptInstall(debian, { needed: ['docker-compose'] }, 'Installing docker-compose from the distribution', say))
  )
    return (await succeeds('docker', ['compose', 'version'], env)) ? 'docker compose' : 'docker-compose'
  say.warn('There is neither `docker compose` nor `docker-compose` here.\nInstall one of them and start again.')
  return null
}

async function succeeds(command, args, env) {
  return (await run(command, args, { env, deadlineMs: 30_000 })).ok
}

/** Pulled as `docker compose up` would pull them, or made where no registry answers. */
async function ensureImages({ node, engine }) {
  if ((await missingImages(engine)).length === 0) return { made: [] }
  const noAnswer = AbortSignal.timeout(45_000)
  const pulled = await run('docker', ['pull', 'debian:trixie-slim'], {
    env: engine.env,
    deadlineMs: 10 * 60_000,
    signal: noAnswer,
  })
  if (pulled.ok) return { made: [] }
  say.line('No registry answers, so what it would give is made here, as `npm run images:offline` does it.')
  const { made, missing } = await makeOfflineImages({ node, engine, installAllowed: false }, say)
  return missing.length > 0 ? null : { made }
}

async function copyWhatGitKnows(to) {
  const { ok, why, lines } = await listed('git', [
    '-c',
    'core.quotePath=false',
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
  ])
  if (!ok) throw new Error(`git ls-files: ${why}`)
  for (const path of lines) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    // What was deleted and not committed yet is still listed.
    await copyFile(join(root, path), join(to, path)).catch((error) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
}

/** All of its lines, where `run` keeps the last. */
async function listed(command, args) {
  const lines = []
  const { ok, why } = await run(command, args, { cwd: root, deadlineMs: 60_000, onLine: (line) => lines.push(line) })
  return { ok, why, lines }
}

/** Makes `docker compose` mean what was found, for commands that are typed as README.md has them. */
async function provide(folder, compose) {
  await mkdir(folder, { recursive: true })
  if (compose === 'docker compose') return
  const { lines } = await run('sh', ['-c', 'command -v docker'], { deadlineMs: 10_000 })
  const script = `#!/bin/sh\nif [ "$1" = compose ]; then shift; exec docker-compose "$@"; fi\nexec ${lines[0]} "$@"\n`
  await writeFile(join(folder, 'docker'), script)
  await chmod(join(folder, 'docker'), 0o755)
}

async function privilegedStarts({ env }) {
  const args = ['run', '--rm', '--privileged', '--network', 'none', '--entrypoint', 'true', 'debian:trixie-slim']
  return (await run('docker', args, { env, deadlineMs: 60_000 })).ok
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

async function refusesWithoutPassword({ shell }, start) {
  const up = start.find((line) => line.startsWith('docker compose up'))
  const { ok, lines } = await run('sh', ['-c', String(up)], { ...shell, deadlineMs: 60_000 })
  if (ok) throw new Error('It started without one.')
  if (!lines.join(' ').includes('Write one into .env')) throw new Error(`It says only: ${lines.join(' ')}`)
}

async function healthy({ containerOf, env }) {
  const id = await containerOf('app')
  const args = ['inspect', '--format', '{{.State.Health.Status}}', id]
  for (;;) {
    const { ok, lines } = await run('docker', args, { env, deadlineMs: 30_000 })
    if (ok && lines[0] === 'healthy') return
    if (!ok || lines[0] === 'unhealthy') throw new Error(`The app is ${lines.join(' ')}.`)
    await sleep(500)
  }
}

async function languagesReady({ origin, containerOf, env }, count) {
  const id = await containerOf('sandbox-images')
  if (id) {
    const { lines } = await run('docker', ['wait', id], { env, deadlineMs: 30 * 60_000 })
    if (lines[0] !== '0') throw new Error(`sandbox-images ended with ${lines.join(' ')}.`)
  }
  // It asks the engine every two seconds.
  const until = Date.now() + 60_000
  for (;;) {
    const { languages, engine } = await (await fetch(`${origin}/api/health`)).json()
    const ready = languages.filter((language) => language.ready).map(({ id, version }) => `${id} ${version}`)
    if (ready.length >= count) return
    if (Date.now() > until) throw new Error(`Ready: ${ready.join(', ') || 'nothing'}. ${engine.message}`)
    await sleep(500)
  }
}

/** What the stack promises, asked of the running one. */
async function closed({ asked, containerOf, env }) {
  const inApp = (script) => asked(['exec', '-T', 'app', 'node', '--input-type=module', '-e', script])
  await check('the app is nobody, and its system cannot be written to', async () => {
    const answer = await inApp(
      `import { writeFileSync } from 'node:fs'; let code = ''; try { writeFileSync('/app/x', '') } catch (error) { code = error.code } console.log(process.getuid(), code)`,
    )
    if (answer !== '10001 EROFS') throw new Error(answer)
  })
  await check('the engine hangs up on who has no certificate, and has no port without TLS', async () => {
    const knock = `import { connect } from 'node:tls'; import { readFileSync } from 'node:fs'; import net from 'node:net'
      const ask = (options) => new Promise((resolve) => { const socket = connect({ host: 'dind', port: 2376, ca: readFileSync('/certs/client/ca.pem'), ...options }, () => socket.write('GET /_ping HTTP/1.0\\r\\n\\r\\n')); socket.on('data', (bytes) => resolve(String(bytes).slice(9, 12))); socket.on('error', () => resolve('refused')); socket.on('close', () => resolve('refused')) })
      const plain = await new Promise((resolve) => { const socket = net.connect(2375, 'dind', () => resolve('open')); socket.on('error', () => resolve('closed')) })
      const own = { cert: readFileSync('/certs/client/cert.pem'), key: readFileSync('/certs/client/key.pem') }
      console.log(await ask({}), await ask(own), plain); process.exit()`
    const answer = await inApp(knock)
    if (answer !== 'refused 200 closed') throw new Error(`Without, with, without TLS: ${answer}`)
  })
  await check('the engine publishes no port, and the database none', async () => {
    for (const service of ['dind', 'postgres']) {
      const { lines } = await run('docker', ['port', await containerOf(service)], { env, deadlineMs: 30_000 })
      if (lines.length > 0) throw new Error(`${service}: ${lines.join(' ')}`)
    }
  })
}

async function sizes({ shell, env }) {
  for (const image of ['bugghost-app', 'bugghost-sandbox-images']) {
    const name = `${image}:${shell.env.BUGGHOST_TAG}`
    const { lines } = await run('docker', ['image', 'inspect', '--format', '{{.Size}}', name], { env, deadlineMs: 30_000 })
    say.line(`  ${image}: ${Math.round(Number(lines[0]) / 1e6)} MB`)
  }
}

async function playwright({ node, env, chromium, origin }) {
  const { path, remove } = await scratchFolder('compose-e2e')
  const report = join(path, 'report.json')
  const args = ['node_modules/@playwright/test/cli.js', 'test', '--project=desktop', '--reporter=list,json']
  const wanted = ['--grep-invert', ofOtherLanguages, ...specs.map((spec) => `e2e/${spec}.spec.ts`)]
  const { ok } = await run(node, [...args, ...wanted], {
    cwd: root,
    env: { ...env, CHROMIUM_PATH: chromium, E2E_BASE_URL: origin, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    shown: true,
    deadlineMs: 30 * 60_000,
  })
  const written = await readFile(report, 'utf8').then(JSON.parse, () => undefined)
  remove()
  const counts = countPlaywright(written, ok)
  passed += counts.passed
  failed += counts.failed
  for (const { test, why } of failuresOfPlaywright(written)) say.warn(`✗ ${test}\n${why}`)
}

async function post(origin, request) {
  const answer = await fetch(`${origin}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  const body = await answer.json()
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(body.error)}`)
  return body
}

async function sendHostile(origin) {
  const folder = join(root, 'sandbox', 'hostile')
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  for (const file of hostile) {
    await check(`hostile: ${file} ends as its manifest says`, async () => {
      const { language, timeout_sec = 10, stdin = '', expect } = manifest.find((program) => program.file === file)
      const ended = await post(origin, { language, timeout_sec, stdin, code: await readFile(join(folder, file), 'utf8') })
      const problems = [
        !expect.status.includes(ended.status) && `status ${ended.status}`,
        expect.verdict && !expect.verdict.includes(ended.verdict.kind) && `verdict ${ended.verdict.kind}`,
        expect.stdout && !patternOf(expect.stdout).test(ended.stdout) && 'stdout is not as expected',
        expect.stdout_not && patternOf(expect.stdout_not).test(ended.stdout) && 'stdout holds what it must not',
      ].filter(Boolean)
      if (problems.length > 0) throw new Error(`${problems.join(', ')}: ${ended.message}\n${ended.stdout.slice(0, 500)}`)
    })
  }
}

/** The manifest is written for any language's expressions; JavaScript knows `(?i)` as a flag only. @param {string} text */
function patternOf(text) {
  const [, flags = '', source = ''] = /^(?:\(\?([a-z]+)\))?(.*)$/s.exec(text) ?? []
  return new RegExp(source, flags)
}

async function nothingLeft(name, env) {
  const label = `label=com.docker.compose.project=${name}`
  for (const kind of ['container', 'volume', 'network']) {
    const all = kind === 'container' ? ['--all'] : []
    const { lines } = await run('docker', [kind, 'ls', ...all, '--quiet', '--filter', label], { env, deadlineMs: 30_000 })
    if (lines.length > 0) throw new Error(`${lines.length} of kind ${kind}`)
  }
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
