// The stack of one machine, as README.md has it under "With Docker only": every command typed to the letter.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { setting } from '../../setup/env.mjs'
import { run } from '../../setup/program.mjs'
import { scratchFolder } from '../../setup/scratch.mjs'
import { root } from '../../setup.mjs'
import { countPlaywright } from '../counts.mjs'
import { failuresOfPlaywright } from '../failures.mjs'
import { commandsIn } from '../readme-commands.mjs'
import { freePort } from './ground.mjs'
import { languagesReady, post, sendHostile } from './programs.mjs'
import { composeProject } from './project.mjs'

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

/**
 * @param {import('./ground.mjs').Ground} ground
 * @param {import('./checks.mjs').Checks} checks
 * @param {import('../../setup/say.mjs').Say} say
 */
export async function oneMachine(ground, checks, say) {
  const { check } = checks
  const port = setting('E2E_PORT') ?? String(await freePort())
  const origin = `http://127.0.0.1:${port}`
  const env = { PORT: port, HOST: '127.0.0.1', BUGGHOST_URL: origin, BUGGHOST_LANGUAGES: languages }
  const stack = composeProject(ground, { name: ground.tag, env, withEngine: true }, say)
  try {
    const [start = [], watch = [], again = [], remove = []] = commandsIn(
      await readFile(join(root, 'README.md'), 'utf8'),
      'With Docker only',
    )
    const up = start.find((line) => line.startsWith('docker compose up')) ?? ''
    await check('start refuses a missing password with a sentence', () => stack.refuses(up, 'Write one into .env'))
    for (const line of start) await stack.type(line)
    await check('the pages are there before any program can run', async () => {
      await stack.healthy('app')
      const page = await fetch(origin)
      if (page.status !== 200) throw new Error(`${origin} answers ${page.status}.`)
    })
    for (const line of watch) await stack.type(line)
    await check('the one-shot ends well, and the app finds what it has built', async () => {
      await stack.imagesBuilt()
      await languagesReady(origin, 2)
    })
    await closed(stack, check)
    await sizes(stack, ground, say)
    await playwright(ground, checks, origin, say)
    await sendHostile(origin, hostile, check)

    const shared = await post(origin, { language: 'python', code: 'print("kept")' })
    for (const line of again) await stack.type(line)
    await check('what was shared is still there after down and up', async () => {
      await stack.healthy('app')
      const { stdout, code } = await (await fetch(`${origin}/api/runs/${shared.run_id}`)).json()
      if (stdout !== 'kept\n') throw new Error(`The run is ${JSON.stringify({ stdout, code })}.`)
      const page = await (await fetch(`${origin}/r/${shared.run_id}`)).text()
      if (!page.includes('kept')) throw new Error('Its page does not show what it wrote.')
    })
    await check('its images are still there too: a program runs without any build', async () => {
      await stack.imagesBuilt()
      await languagesReady(origin, 2)
      const { stdout } = await post(origin, { language: 'python', code: 'print(6 * 7)' })
      if (stdout !== '42\n') throw new Error(`It wrote ${JSON.stringify(stdout)}.`)
    })
    for (const line of remove) await stack.type(line)
    await check('nothing of it is left when it has been removed', () => stack.assertNothingLeft())
  } catch (error) {
    checks.failed(`README.md could not be followed to its end\n${error.message}`)
    await stack.tellAll()
  } finally {
    await stack.remove()
  }
}

/** What the stack promises, asked of the running one. */
async function closed({ asked, containerOf, docker }, check) {
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
      const { lines } = await docker('port', await containerOf(service))
      if (lines.length > 0) throw new Error(`${service}: ${lines.join(' ')}`)
    }
  })
}

async function sizes({ docker }, { tag }, say) {
  for (const image of ['bugghost-app', 'bugghost-sandbox-images']) {
    const { lines } = await docker('image', 'inspect', '--format', '{{.Size}}', `${image}:${tag}`)
    say.line(`  ${image}: ${Math.round(Number(lines[0]) / 1e6)} MB`)
  }
}

async function playwright({ node, tools, chromium }, checks, origin, say) {
  const { path, remove } = await scratchFolder('compose-e2e')
  const report = join(path, 'report.json')
  const args = ['node_modules/@playwright/test/cli.js', 'test', '--project=desktop', '--reporter=list,json']
  const wanted = ['--grep-invert', ofOtherLanguages, ...specs.map((spec) => `e2e/${spec}.spec.ts`)]
  const { ok } = await run(node, [...args, ...wanted], {
    cwd: root,
    env: { ...tools, CHROMIUM_PATH: chromium, E2E_BASE_URL: origin, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    shown: true,
    deadlineMs: 30 * 60_000,
  })
  const written = await readFile(report, 'utf8').then(JSON.parse, () => undefined)
  remove()
  checks.add(countPlaywright(written, ok))
  for (const { test, why } of failuresOfPlaywright(written)) say.warn(`✗ ${test}\n${why}`)
}
