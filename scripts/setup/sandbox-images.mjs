// Are the sandbox images there that the folders under sandbox/ describe, and builds those that are not.

import { chmod, copyFile, mkdir, readlink, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { contextFiles, readImagePlan } from '../../sandbox/images/image-plan.mjs'
import { ensureBaseImage } from './base-image.mjs'
import { setting } from './env.mjs'
import { openImageReport } from './image-report.mjs'
import { takeLock } from './lock.mjs'
import { npmBy, run } from './program.mjs'
import { scratchFolder } from './scratch.mjs'

/**
 * @typedef {import('../../sandbox/images/image-plan.d.mts').ImagePlan} ImagePlan
 * @typedef {import('./docker-engine.mjs').ReadyEngine} ReadyEngine
 *
 * @typedef {object} Options
 * @property {string} sandboxFolder
 * @property {string} dataFolder where word is left of how far each image is, and where the lock of this checkout lies
 * @property {ReadyEngine} engine
 * @property {boolean} installAllowed
 * @property {string} node
 * @property {string[]} [only] as in `chosenPlans`; every image without it
 *
 * @typedef {object} Builds
 * @property {Promise<void>} first when the first language can be run, or it is clear that this will not make it so
 * @property {Promise<string[]>} all the names of the images that are still missing then; why has been said
 * @property {() => boolean} stopped
 * @property {() => Promise<void>} stop ends the builds under way, and resolves when they have ended
 */

/** Compiling and downloading overlap at two; more only makes each slower on a small machine. */
const atOnce = 2

/**
 * Builds every image that is missing, and ends with this process.
 * @param {Options} options
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<string[]>} the names of the images that are still missing; why has been said
 */
export function ensureSandboxImages(options, say) {
  return buildMissing(options, { run, atOnce, behind: () => false, onFirst: () => {} }, say)
}

/**
 * The same beside a server that is to serve meanwhile: one image at a time, and all but what the first language needs as
 * something that may wait. Signals are not its business: whoever began it stops it.
 * @param {Options} options
 * @param {import('./say.mjs').Say} say
 * @returns {Builds}
 */
export function beginSandboxImages(options, say) {
  const ending = new AbortController()
  let onFirst = () => {}
  const first = new Promise((resolve) => {
    onFirst = () => resolve(undefined)
  })
  let firstIsThere = false
  const how = {
    run: (command, args, more) => {
      const signal = more.signal ? AbortSignal.any([more.signal, ending.signal]) : ending.signal
      return run(command, args, { ...more, signal, endsWithUs: false })
    },
    atOnce: 1,
    behind: () => firstIsThere,
    signal: ending.signal,
    onFirst: () => {
      firstIsThere = true
      onFirst()
    },
  }
  const all = buildMissing(options, how, say)
    .catch((error) => {
      if (!ending.signal.aborted) say.warn(`The sandbox images cannot be built: ${error.message}`)
      return []
    })
    .finally(onFirst)
  const stop = async () => {
    ending.abort('stopped')
    await all
  }
  return { first, all, stopped: () => ending.signal.aborted, stop }
}

/**
 * @param {Options} options
 * @param {{ run: typeof run, atOnce: number, behind: () => boolean, onFirst: () => void, signal?: AbortSignal }} how
 * @param {import('./say.mjs').Say} say
 */
async function buildMissing(options, how, say) {
  const { sandboxFolder, dataFolder, engine } = options
  const look = async () => {
    const plans = chosenPlans(await readImagePlan(sandboxFolder), options.only ?? [])
    const there = await imagesThere(engine, how.run)
    const first = plans.find(({ version }) => version !== null)
    if (!first || there.has(first.tag)) how.onFirst()
    return { first, count: plans.length, missing: plans.filter(({ tag }) => !there.has(tag)) }
  }
  if ((await look()).missing.length === 0) return []

  await mkdir(dataFolder, { recursive: true })
  const unlock = await takeLock(join(dataFolder, 'image-builds.lock'), {
    signal: how.signal,
    onWait(pid) {
      say.line(`Another set-up (process ${pid}) is building sandbox images; this one goes on when it has ended.`)
      how.onFirst()
    },
  })
  try {
    // Once more: whoever held the lock has built some or all of them.
    const { first, count, missing } = await look()
    if (missing.length === 0) return []
    say.line(`${missing.length} of ${count} sandbox images to build: ${missing.map(nameOf).join(', ')}`)
    const report = openImageReport(join(dataFolder, 'image-builds.json'), say)
    for (const { tag } of missing) report.set(tag, { state: 'waiting' })
    const failed = await inOrder(missing, (plan) => build(plan, options, how, report, say), {
      atOnce: how.atOnce,
      signal: how.signal,
      onOutcome(plan, why) {
        report.set(plan.tag, why === '' || how.signal?.aborted ? null : { state: 'failed', what: why })
        if (plan.tag === first?.tag) how.onFirst()
      },
    })
    report.close()
    return failed.map(nameOf)
  } finally {
    unlock()
  }
}

/**
 * The images of some languages, and what they stand on.
 * @param {ImagePlan[]} plans
 * @param {string[]} only "python" for all of its versions, "python@3.13" for one; all plans when it is empty
 * @returns {ImagePlan[]} in build order. Throws when a language or version is asked for that there is not.
 */
export function chosenPlans(plans, only) {
  if (only.length === 0) return plans
  const isNamed = ({ id, version }, name) => version !== null && (name === id || name === `${id}@${version}`)
  const unknown = only.filter((name) => !plans.some((plan) => isNamed(plan, name)))
  if (unknown.length > 0) {
    const known = [...new Set(plans.filter(({ version }) => version !== null).map(({ id }) => id))]
    throw new Error(`There is no ${unknown.join(', ')} to build. There are ${known.join(', ')}; "python@3.13" names one version.`)
  }
  const wanted = new Set(plans.filter((plan) => only.some((name) => isNamed(plan, name))))
  const byTag = new Map(plans.map((plan) => [plan.tag, plan]))
  // A set hands out what is added while it is walked: so the bases of bases come too.
  for (const { base } of wanted) if (base !== null) wanted.add(/** @type {ImagePlan} */ (byTag.get(base)))
  return plans.filter((plan) => wanted.has(plan))
}

/** @param {Pick<ImagePlan, 'id' | 'version'>} plan */
export function nameOf({ id, version }) {
  return version === null ? id : `${id} ${version}`
}

/**
 * Builds what can be built, each after its base and otherwise in the order given, and leaves out what stands on a failure.
 * @param {ImagePlan[]} missing in build order
 * @param {(plan: ImagePlan) => Promise<string>} build resolves with why it failed, empty when it did not
 * @param {{ atOnce: number, signal?: AbortSignal, onOutcome: (plan: ImagePlan, why: string) => void }} how
 * @returns {Promise<ImagePlan[]>} those that failed, were left out, or were not begun before `signal`, in build order
 */
export async function inOrder(missing, build, { atOnce, signal, onOutcome }) {
  /** @type {Map<string, string>} why it failed, by tag */
  const outcome = new Map()
  const waiting = [...missing]
  const tags = new Set(missing.map(({ tag }) => tag))
  const underWay = new Set()
  const settle = (plan, why) => {
    outcome.set(plan.tag, why)
    onOutcome(plan, why)
  }
  const canBegin = ({ base }) => base === null || !tags.has(base) || outcome.get(base) === ''
  for (;;) {
    for (const plan of [...waiting]) {
      if (plan.base === null || !outcome.get(plan.base)) continue
      waiting.splice(waiting.indexOf(plan), 1)
      settle(plan, `the image it is built on, ${plan.base}, could not be built`)
    }
    while (underWay.size < atOnce && !signal?.aborted) {
      const plan = waiting.find(canBegin)
      if (!plan) break
      waiting.splice(waiting.indexOf(plan), 1)
      const building = build(plan).then((why) => {
        underWay.delete(building)
        settle(plan, why)
      })
      underWay.add(building)
    }
    if (underWay.size === 0) return missing.filter(({ tag }) => outcome.get(tag) !== '')
    await Promise.race(underWay)
  }
}

/** @param {ReadyEngine} engine @param {typeof run} run @returns {Promise<Set<string>>} */
async function imagesThere(engine, run) {
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
 * @param {Options} options
 * @param {{ run: typeof run, behind: () => boolean, signal?: AbortSignal }} how
 * @param {import('./image-report.mjs').ImageReport} report
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<string>} why it failed, in a few words; empty when it did not
 */
async function build(plan, { engine, node, installAllowed }, { run, behind, signal }, report, say) {
  let step
  let last = ''
  const at = (place) => {
    step.at(place.steps > 0 ? `${place.step}/${place.steps} ${place.what}` : place.what)
    report.set(plan.tag, { state: 'building', ...place })
    last = place.steps > 0 ? ` at step ${place.step} of ${place.steps}` : ` at ${place.what}`
  }
  const ground = { engine, node, at, run, niceness: behind() ? 15 : 0 }
  let remove = () => {}
  try {
    if (plan.base === null && !(await ensureBaseImage(plan.foundation, engine, { installAllowed, run }, say))) {
      return `the image it is built on, ${plan.foundation}, cannot be had`
    }
    step = say.step(`Building ${plan.tag}`)
    // What is built is exactly what the tag names: a copy of the files that were hashed, and nothing else of the folder.
    const scratch = await scratchFolder(plan.id)
    remove = scratch.remove
    await copyContext(plan, scratch.path)
    for (const act of [...(plan.hasNpmPackages ? [installPackages] : []), buildImage]) {
      const { ok, why, lines } = await act(plan, scratch.path, ground)
      if (ok) continue
      step.failed(why, signal?.aborted ? [] : lines.slice(-30))
      return `${why}${last}`
    }
    step.done()
    return ''
  } catch (error) {
    if (step) step.failed(error.message)
    else say.warn(`${plan.tag} cannot be built: ${error.message}`)
    return error.message
  } finally {
    remove()
  }
}

/** @param {ImagePlan} plan @param {string} to */
async function copyContext(plan, to) {
  for (const { path, kind, from } of await contextFiles(plan.context, plan.version)) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    if (kind === 'link') {
      await symlink(await readlink(from), join(to, path))
      continue
    }
    await copyFile(from, join(to, path))
    await chmod(join(to, path), kind === 'executable' ? 0o755 : 0o644)
  }
}

/** With the machine's own npm, which knows its registry, proxy and certificates; a container would have to be told. */
async function installPackages(_plan, context, { engine, node, at, run, niceness }) {
  at({ step: 0, steps: 0, what: 'npm ci' })
  const cpu = { amd64: 'x64', arm64: 'arm64' }[engine.arch] ?? engine.arch
  const { command, args } = npmBy(node)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--os=linux', `--cpu=${cpu}`, '--libc=glibc']
  const ended = await run(command, [...args, 'ci', ...flags], { cwd: context, deadlineMs: 15 * 60_000, niceness })
  return { ...ended, lines: withoutUsage(ended.lines) }
}

/**
 * npm ends what it has to say with all its options, and what went wrong would be out of sight.
 * @param {string[]} lines
 */
export function withoutUsage(lines) {
  const usage = lines.findIndex((line) => /^npm (error|ERR!) Usage:/.test(line))
  return usage < 0 ? lines : lines.slice(0, usage)
}

/** These build arguments Docker knows without being told, and keeps out of the image's history. */
const proxySettings = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

async function buildImage(plan, context, { engine, at, run, niceness }) {
  const args = [
    'build',
    '--tag',
    plan.tag,
    '--label',
    `bugghost.image=${plan.id}`,
    ...Object.entries(plan.buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...proxySettings.filter((name) => setting(name)).flatMap((name) => ['--build-arg', name]),
    // An engine without a network for containers has only its own to build in.
    ...(setting('BUGGHOST_BUILD_NETWORK') ? ['--network', String(setting('BUGGHOST_BUILD_NETWORK'))] : []),
  ]
  let begun = false
  const onLine = (line) => {
    const place = placeIn(line)
    if (!place) return
    begun = true
    at(place)
  }
  const attempt = async (extra, env) => {
    const ended = await run('docker', [...args, ...extra, context], { env, deadlineMs: 45 * 60_000, onLine })
    return { ...ended, lines: ended.lines.filter((line) => !advertisement.test(line)) }
  }
  if (setting('DOCKER_BUILDKIT')) return attempt([], engine.env)
  // The old builder takes a base image the engine has as it is; BuildKit asks a registry first, and is not everywhere.
  // Beside a program somebody waits for, a build gets what that leaves over. (BuildKit knows no such thing.)
  const patient = niceness > 0 ? ['--cpu-shares=64'] : []
  const old = await attempt(['--force-rm', ...patient], { ...engine.env, DOCKER_BUILDKIT: '0' })
  if (old.ok || begun) return old
  // Not one step: the old builder may be gone. If BuildKit gets no further, the old one's words are about the Dockerfile.
  const buildKit = await attempt(['--progress=plain'], { ...engine.env, DOCKER_BUILDKIT: '1' })
  return buildKit.ok || begun ? buildKit : old
}

/** Of BuildKit, printed by the old builder ahead of every build. */
const advertisement =
  /^DEPRECATED: The legacy builder|^\s+BuildKit is currently disabled|^\s+environment-variable\.$|^\s+Install the buildx component/

/**
 * Where a build is, from the words of either builder.
 * @param {string} line
 * @returns {{ step: number, steps: number, what: string } | null}
 */
export function placeIn(line) {
  const old = /^Step (\d+)\/(\d+) : (.*)/.exec(line)
  const buildKit = /^#\d+ \[(?:\S+ )?(\d+)\/(\d+)\] (.*)/.exec(line)
  const found = old ?? buildKit
  return found ? { step: Number(found[1]), steps: Number(found[2]), what: String(found[3]).replace(/\s+/g, ' ') } : null
}
