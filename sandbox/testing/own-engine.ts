import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const startMs = 60_000

/**
 * A Docker daemon of the test's own, to be stopped, killed and starved: its own data (on a file system in memory, so that it can
 * be full), its own socket, and a network namespace of its own, since a second daemon beside the machine's would take its
 * bridge away. Needs root and dockerd.
 */
export async function openOwnEngine({ dataBytes }: { dataBytes: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'bugghost-engine-'))
  const data = join(folder, 'data')
  const exec = join(folder, 'exec')
  const socket = join(folder, 'docker.sock')
  const host = `unix://${socket}`
  await mkdir(data)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${dataBytes}`, 'tmpfs', data])
  // An empty one, or the machine's own settings would be read.
  await writeFile(join(folder, 'daemon.json'), '{}')
  let daemon: ChildProcess | undefined

  const isRunning = () => daemon !== undefined && daemon.exitCode === null && daemon.signalCode === null

  /** Does nothing when it runs. */
  async function start(): Promise<void> {
    if (isRunning()) return
    const log = await open(join(folder, 'daemon.log'), 'a')
    daemon = spawn(
      'unshare',
      [
        ...['--net', '--', 'dockerd', '--config-file', join(folder, 'daemon.json'), '--host', host, '--data-root', data],
        ...['--exec-root', exec, '--pidfile', join(folder, 'pid'), '--storage-driver', 'overlay2'],
        ...['--bridge', 'none', '--iptables=false', '--ip-forward=false', '--ip-masq=false'],
        // Where the machine's containerd is used, its containers stay apart from ours.
        ...['--containerd-namespace', 'bugghost-test', '--containerd-plugins-namespace', 'bugghost-test-plugins'],
      ],
      { stdio: ['ignore', log.fd, log.fd] },
    )
    await log.close()
    const until = Date.now() + startMs
    while (!(await docker(['version']).catch(() => false))) {
      if (daemon.exitCode !== null || Date.now() > until) {
        throw new Error(
          `the test's own dockerd did not start:\n${(await readFile(join(folder, 'daemon.log'), 'utf8')).slice(-2_000)}`,
        )
      }
    }
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!daemon || !isRunning()) return
    const gone = once(daemon, 'exit')
    daemon.kill(signal)
    await gone
    // Its containerd ends with it in its own time, and a new daemon would wait for one that is still ending.
    if (signal === 'SIGKILL') await endContainerd()
  }

  async function endContainerd(): Promise<void> {
    for (const pid of await processesOf(join(exec, 'containerd', 'containerd.toml'))) process.kill(pid, 'SIGKILL')
    await rm(join(exec, 'containerd'), { recursive: true, force: true })
  }

  /** Rejects when docker says no. */
  const docker = (args: string[]) => run('docker', ['--host', host, ...args], { timeout: 60_000 })

  await start()
  return {
    host,
    data,
    start,
    end,
    docker,
    /** Copies an image from the machine's engine. */
    async load(tag: string): Promise<void> {
      const file = join(folder, 'image.tar')
      await run('docker', ['save', '--output', file, tag])
      await docker(['load', '--input', file])
      await rm(file)
    },
    async [Symbol.asyncDispose]() {
      await end('SIGTERM')
      // What a killed daemon left behind: its containerd and shims, all of which name our folder.
      for (const pid of await processesOf(folder)) process.kill(pid, 'SIGKILL')
      await unmountAll(folder)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function processesOf(folder: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (words.includes(folder)) found.push(pid)
  }
  return found
}

/** Innermost first. */
async function unmountAll(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '')
  for (const mount of mounts.filter((path) => path.startsWith(folder)).reverse()) await run('umount', ['--lazy', mount])
}
