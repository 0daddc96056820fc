// Has the engine the Debian image everything stands on, and if not, brings it: from an archive, a registry or Debian's packages.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import { aptInstall, debianHere, debianMirrors } from './debian.mjs'
import { setting } from './env.mjs'
import { run as runHere } from './program.mjs'

/**
 * @param {string} image the name it has or gets: debian:trixie-slim
 * @param {import('./docker-engine.mjs').ReadyEngine} engine
 * @param {{ installAllowed: boolean, run?: typeof runHere }} options `run` starts the programs that take long
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<boolean>} whether it is there now; what went wrong has been said
 */
export async function ensureBaseImage(image, engine, { installAllowed, run = runHere }, say) {
  const { env } = engine
  if ((await run('docker', ['image', 'inspect', '--format', '{{.Id}}', image], { env, deadlineMs: 30_000 })).ok) return true
  if (await importArchive(image, env, run, say)) return true
  const refusal = await pull(image, env, run, say)
  if (refusal === '') return true

  const debian = await debianHere({ installAllowed })
  if (!debian || process.getuid?.() !== 0) {
    say.warn(
      `The image ${image} can be neither pulled (${refusal}) nor made here, which takes Debian or Ubuntu and root.\nLoad it by hand: \`docker pull ${image}\` where there is a registry, then \`docker save ${image} | ssh … docker load\`.`,
    )
    return false
  }
  return bootstrap(image, engine, debian, run, say)
}

/** From the folder of archives an image of ours has brought along (Dockerfile), if this is one. @returns {Promise<boolean>} */
async function importArchive(image, env, run, say) {
  const folder = setting('BUGGHOST_FOUNDATIONS')
  const archive = folder && join(folder, `${image.replace(':', '-')}.tar.gz`)
  if (!archive || !existsSync(archive)) return false
  const step = say.step(`Handing ${image} to the engine`)
  const { ok, why, lines } = await run('docker', ['import', '--change', 'CMD ["bash"]', archive, image], {
    env,
    deadlineMs: 10 * 60_000,
  })
  if (ok) step.done()
  else step.failed(why, lines.slice(-5))
  return ok
}

/** @returns {Promise<string>} why it could not be pulled, empty when it was */
async function pull(image, env, run, say) {
  const step = say.step(`Pulling ${image}`)
  // A registry that is there says so at once; one behind a wall that drops packets never does.
  const noAnswer = new AbortController()
  const timer = setTimeout(() => noAnswer.abort('no registry answers'), 45_000)
  const onLine = (line) => {
    clearTimeout(timer)
    step.at(line)
  }
  const { ok, why, lines } = await run('docker', ['pull', image], {
    env,
    deadlineMs: 15 * 60_000,
    onLine,
    signal: noAnswer.signal,
  })
  clearTimeout(timer)
  if (ok) {
    step.done()
    return ''
  }
  const reason = lines.filter((line) => line.trim() !== '').at(-1) ?? why
  step.failed(reason)
  return reason
}

/**
 * Makes the image from a package mirror, for networks without a registry. Takes root, half a minute and 400 MB in the temporary folder.
 * @param {string} image
 * @param {import('./docker-engine.mjs').ReadyEngine} engine
 * @param {import('./debian.mjs').Debian} debian
 * @param {typeof runHere} run
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<boolean>}
 */
export async function bootstrap(image, engine, debian, run, say) {
  const suite = suiteOf(image)
  const here = { x64: 'amd64', arm64: 'arm64' }[process.arch]
  if (here !== engine.arch) {
    say.warn(
      `${image} cannot be made here: the engine's machine is ${engine.arch} and this one ${here ?? process.arch}.\nRun set-up on the engine's machine, or load the image there by hand.`,
    )
    return false
  }
  const needed = [
    ...(existsSync('/usr/sbin/debootstrap') ? [] : ['debootstrap']),
    ...(existsSync('/usr/share/keyrings/debian-archive-keyring.gpg') ? [] : ['debian-archive-keyring']),
  ]
  if (needed.length > 0 && !(await aptInstall(debian, { needed }, `Installing ${needed.join(' and ')}`, say))) return false

  for (const mirror of await debianMirrors()) {
    const folder = await mkdtemp(join(tmpdir(), 'bugghost-debian-'))
    const root = join(folder, 'root')
    const remove = () => removeRoot(folder, say)
    process.on('exit', remove)
    const step = say.step(`Making ${image} from ${mirror}`)
    try {
      const args = [
        '--variant=minbase',
        '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
        suite,
        root,
        mirror,
        scriptFor(suite),
      ]
      const { ok, why, lines } = await run('/usr/sbin/debootstrap', args, {
        deadlineMs: 20 * 60_000,
        onLine: (line) => step.at(line.replace(/^I: /, '')),
      })
      if (!ok) {
        step.failed(`debootstrap: ${why}`, [...lines.slice(-8), ...(await lastOf(join(root, 'debootstrap', 'debootstrap.log')))])
        continue
      }
      step.at('packing')
      await slim(root, run)
      const problem = await importRoot(root, image, engine.env)
      if (problem === '') {
        step.done()
        return true
      }
      step.failed(problem)
      return false
    } finally {
      process.off('exit', remove)
      remove()
    }
  }
  return false
}

/** @param {string} image @returns {string} "trixie" of "debian:trixie-slim" */
function suiteOf(image) {
  const suite = /^debian:([a-z]+)-slim$/.exec(image)?.[1]
  if (!suite) throw new Error(`${image} is not an image of Debian that can be made here.`)
  return suite
}

/** A debootstrap older than the suite does not know its name; the script of the suite to come does for all since. */
function scriptFor(name) {
  const scripts = '/usr/share/debootstrap/scripts'
  return existsSync(join(scripts, name)) ? join(scripts, name) : join(scripts, 'sid')
}

/** What the official slim image leaves out, and what debootstrap took over from this machine. @param {string} root @param {typeof runHere} run */
async function slim(root, run) {
  await writeFile(
    join(root, 'etc/dpkg/dpkg.cfg.d/slim'),
    ['doc/*', 'man/*', 'info/*', 'locale/*', 'lintian/*', 'groff/*'].map((path) => `path-exclude /usr/share/${path}\n`).join('') +
      'path-include /usr/share/doc/*/copyright\n',
  )
  await writeFile(
    join(root, 'etc/apt/apt.conf.d/slim'),
    'Acquire::Languages "none";\nAPT::Install-Recommends "false";\nDPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };\n',
  )
  // A package that is installed into an image has nothing to start.
  await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const unread = ['var/lib/apt/lists', 'var/cache/apt', 'var/log', 'usr/share/man', 'usr/share/info', 'usr/share/locale', 'run']
  for (const folder of unread) await emptied(join(root, folder))
  await run('find', [join(root, 'usr/share/doc'), '-type', 'f', '!', '-name', 'copyright', '-delete'], { deadlineMs: 60_000 })
  for (const path of ['etc/resolv.conf', 'etc/hostname', 'etc/machine-id']) await writeFile(join(root, path), '')
}

/** @param {string} folder */
async function emptied(folder) {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
}

/** @returns {Promise<string>} what went wrong, empty when nothing did */
async function importRoot(root, image, env) {
  const tar = spawn('tar', ['-C', root, '--numeric-owner', '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const load = spawn('docker', ['import', '-c', 'CMD ["bash"]', '-c', 'LABEL bugghost.made-by=debootstrap', '-', image], {
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  load.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2_000)
  })
  const deadline = setTimeout(() => load.kill('SIGKILL'), 10 * 60_000)
  try {
    const [[packed], [loaded]] = await Promise.all([
      once(tar, 'close'),
      once(load, 'close'),
      // When one end breaks, its exit code and its words say more than the broken pipe.
      pipeline(tar.stdout, load.stdin).catch(() => tar.kill()),
    ])
    if (loaded !== 0) return `docker import: exit code ${loaded}. ${said.trim()}`
    return packed === 0 ? '' : `tar: exit code ${packed}`
  } catch (error) {
    return `${image} could not be loaded: ${error.message}`
  } finally {
    clearTimeout(deadline)
  }
}

/**
 * debootstrap mounts /proc and /sys in there. Where it was killed they are still there, and removing through them would
 * reach this machine's own.
 * @param {string} folder
 * @param {import('./say.mjs').Say} say
 */
function removeRoot(folder, say) {
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
  for (const path of mounted.reverse()) spawnSync('umount', [path], { stdio: 'ignore', timeout: 10_000 })
  const removed = spawnSync('rm', ['-rf', '--one-file-system', folder], { stdio: 'ignore', timeout: 60_000 })
  if (removed.status !== 0)
    say.warn(`${folder} could not be removed.\nUnmount what is in it (\`findmnt -R ${folder}\`) and remove it by hand.`)
}

/** @param {string} log */
async function lastOf(log) {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8) : []
}
