// Are the sandbox images there that the folders under sandbox/ describe, and builds those that are not.

import { chmod, copyFile, mkdir, readlink, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { contextFiles, foundation, readImagePlan } from '../../sandbox/image-plan.mjs'
import { ensureBaseImage } from './base-image.mjs'
import { setting } from './env.mjs'
import { npmBy, run } from './program.mjs'
import { scratchFolder } from './scratch.mjs'

/** @typedef {import('../../sandbox/image-plan.d.mts').ImagePlan} ImagePlan */

/** Compiling and downloading overlap at two; more only makes each slower on a small machine. */
const atOnce = 2

/**
 * @param {string} sandboxFolder
 * @param {import('./docker-engine.mjs').ReadyEngine} engine
 * @param {{ installAllowed: boolean, node: string }} options
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<string[]>} the ids of the images that are still missing; why has been said
 */
export async function ensureSandboxImages(sandboxFolder, engine, { installAllowed, node }, say) {
  const plans = await readImagePlan(sandboxFolder)
  const there = await imagesThere(engine)
  const missing = plans.filter(({ tag }) => !there.has(tag))
  if (missing.length === 0) return []
  if (missing.some(({ base }) => base === null) && !(await ensureBaseImage(foundation, engine, { installAllowed }, say))) {
    return missing.map(({ id }) => id)
  }
  say.line(`${missing.length} of ${plans.length} sandbox images to build: ${missing.map(({ id }) => id).join(', ')}`)
  return inOrder(missing, (plan) => build(plan, engine, node, say), say)
}

/**
 * Builds what can be built, each after its base, and leaves out what stands on a failure.
 * @param {ImagePlan[]} missing in build order
 * @param {(plan: ImagePlan) => Promise<boolean>} build
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<string[]>} the ids that failed or were left out, in build order
 */
export async function inOrder(missing, build, say) {
  /** @type {Map<string, Promise<boolean>>} */
  const outcome = new Map()
  const inTurn = turns(atOnce)
  const built = async (plan) => {
    // Before its turn: two that wait for their base would else keep it from being built.
    if (plan.base === null || (await (outcome.get(plan.base) ?? true))) return inTurn(() => build(plan))
    say.warn(`${plan.id} is left out: the image it is built on, ${plan.base}, could not be built.`)
    return false
  }
  for (const plan of missing) outcome.set(plan.tag, built(plan))
  const outcomes = await Promise.all(outcome.values())
  return missing.filter((_, index) => !outcomes[index]).map(({ id }) => id)
}

/** @param {number} count how many may act at the same time */
function turns(count) {
  let free = count
  const waiting = []
  return async (act) => {
    if (free > 0) free -= 1
    else await new Promise((resolve) => waiting.push(resolve))
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

/** @param {import('./docker-engine.mjs').ReadyEngine} engine @returns {Promise<Set<string>>} */
async function imagesThere(engine) {
  const asked = await run('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=bugghost/*'], {
    env: engine.env,
    deadlineMs: 60_000,
  })
  if (!asked.ok)
    throw new Error(`The Docker engine does not list its images (${asked.why}).\n${asked.lines.slice(-3).join('\n')}`)
  return new Set(asked.lines)
}

/**
 * @param {ImagePlan} plan
 * @param {import('./docker-engine.mjs').ReadyEngine} engine
 * @param {string} node
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<boolean>}
 */
async function build(plan, engine, node, say) {
  const step = say.step(`Building ${plan.tag}`)
  // What is built is exactly what the tag names: a copy of the files that were hashed, and nothing else of the folder.
  const { path: context, remove } = await scratchFolder(plan.id)
  try {
    await copyContext(plan.context, context)
    const steps = [
      ...(plan.hasNpmPackages ? [() => installPackages(context, engine, node, step)] : []),
      () => buildImage(plan, context, engine, step),
    ]
    for (const act of steps) {
      const { ok, why, lines } = await act()
      if (ok) continue
      step.failed(why, lines.slice(-30))
      return false
    }
    step.done()
    return true
  } catch (error) {
    step.failed(error.message)
    return false
  } finally {
    remove()
  }
}

/** @param {string} from @param {string} to */
async function copyContext(from, to) {
  for (const { path, kind } of await contextFiles(from)) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    if (kind === 'link') {
      await symlink(await readlink(join(from, path)), join(to, path))
      continue
    }
    await copyFile(join(from, path), join(to, path))
    await chmod(join(to, path), kind === 'executable' ? 0o755 : 0o644)
  }
}

/** With the machine's own npm, which knows its registry, proxy and certificates; a container would have to be told. */
function installPackages(context, engine, node, step) {
  step.at('npm ci')
  const cpu = { amd64: 'x64', arm64: 'arm64' }[engine.arch] ?? engine.arch
  const { command, args } = npmBy(node)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--os=linux', `--cpu=${cpu}`, '--libc=glibc']
  return run(command, [...args, 'ci', ...flags], { cwd: context, deadlineMs: 15 * 60_000 })
}

/** These build arguments Docker knows without being told, and keeps out of the image's history. */
const proxySettings = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

async function buildImage(plan, context, engine, step) {
  const args = [
    'build',
    '--tag',
    plan.tag,
    '--label',
    `bugghost.image=${plan.id}`,
    '--build-arg',
    `BASE=${plan.base ?? foundation}`,
    ...proxySettings.filter((name) => setting(name)).flatMap((name) => ['--build-arg', name]),
  ]
  let begun = false
  const onLine = (line) => {
    const at = stepIn(line)
    if (!at) return
    begun = true
    step.at(at)
  }
  const attempt = async (extra, env) => {
    const ended = await run('docker', [...args, ...extra, context], { env, deadlineMs: 45 * 60_000, onLine })
    return { ...ended, lines: ended.lines.filter((line) => !advertisement.test(line)) }
  }
  if (setting('DOCKER_BUILDKIT')) return attempt([], engine.env)
  // The old builder takes a base image the engine has as it is; BuildKit asks a registry first, and is not everywhere.
  const old = await attempt(['--force-rm'], { ...engine.env, DOCKER_BUILDKIT: '0' })
  if (old.ok || begun) return old
  // Not one step: the old builder may be gone. If BuildKit gets no further, the old one's words are about the Dockerfile.
  const buildKit = await attempt(['--progress=plain'], { ...engine.env, DOCKER_BUILDKIT: '1' })
  return buildKit.ok || begun ? buildKit : old
}

/** Of BuildKit, printed by the old builder ahead of every build. */
const advertisement =
  /^DEPRECATED: The legacy builder|^\s+BuildKit is currently disabled|^\s+environment-variable\.$|^\s+Install the buildx component/

/**
 * Where a build is, in the words of either builder: "3/9 RUN apt-get update".
 * @param {string} line
 * @returns {string | null}
 */
export function stepIn(line) {
  const old = /^Step (\d+)\/(\d+) : (.*)/.exec(line)
  const buildKit = /^#\d+ \[(?:\S+ )?(\d+)\/(\d+)\] (.*)/.exec(line)
  const found = old ?? buildKit
  return found ? `${found[1]}/${found[2]} ${found[3]?.replace(/\s+/g, ' ')}` : null
}
