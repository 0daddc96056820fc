import type { ContainerCreateOptions } from 'dockerode'
import { MiB } from '../../protocol/limits.ts'
import { seccompProfile } from './seccomp.ts'

/** What every process in a sandbox finds in its environment, whatever the language. */
export const baseEnv = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8' } as const

export type ContainerOptions = {
  /** By id, never by a name that can be pointed elsewhere, and never from a request. */
  imageId: string
  /** What the agent starts ahead, in its own argument form. */
  agentArguments: readonly string[]
  env: Readonly<Record<string, string>>
  uid: number
  memoryBytes: number
  processes: number
  /** Whether the program gets a terminal. */
  tty: boolean
  /** Another OCI runtime of the engine's ("crun", "runsc"); the engine's default without it. */
  runtime?: string | undefined
  /** cgroup v1 knows swappiness, v2 refuses it. */
  cgroupVersion: 1 | 2
  labels: Readonly<Record<string, string>>
}

/**
 * Everything a container may and may not do, as one value. Each line is here for a reason that was tried or read of;
 * docs/security.md says which test watches which promise.
 */
export function createOptions(options: ContainerOptions): ContainerCreateOptions {
  const { uid, memoryBytes, processes } = options
  return {
    Image: options.imageId,
    Cmd: [...options.agentArguments],
    // One uid per live sandbox: inotify instances, timers, message queues, pipe pages and nproc are counted per uid across the whole machine.
    User: `${uid}:${uid}`,
    // A constant: CVE-2024-21626 came in through a chosen working directory.
    WorkingDir: '/workspace',
    // Not the container's id.
    Hostname: 'sandbox',
    // The whole list; nothing of the server's own environment.
    Env: Object.entries({ ...baseEnv, ...options.env }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...options.labels },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    // `NetworkMode: none` alone makes the engine run itself again twice per start (166 CPU-ms); this leaves the same empty network namespace.
    NetworkDisabled: true,
    Healthcheck: { Test: ['NONE'] },
    StopSignal: 'SIGKILL',
    HostConfig: {
      ...(options.runtime ? { Runtime: options.runtime } : {}),
      NetworkMode: 'none',
      // Shared memory of its own: `none` would take /dev/shm away, and with it Python's multiprocessing locks.
      IpcMode: 'private',
      ...privateCgroups,
      CapDrop: ['ALL'],
      Privileged: false,
      // Our own profile, because the engine's default depends on its version: 20.10 lets io_uring and AF_VSOCK through.
      SecurityOpt: ['no-new-privileges:true', `seccomp=${seccompProfile(options)}`],
      ReadonlyRootfs: true,
      Tmpfs: {
        // exec: compiled programs run from here. nr_inodes: else empty files fill kernel memory. uid: runc 1.1 keeps the image's mode otherwise.
        '/workspace': `rw,exec,nosuid,nodev,size=64m,nr_inodes=8192,uid=${uid},gid=${uid},mode=0700`,
        '/tmp': 'rw,exec,nosuid,nodev,size=32m,nr_inodes=4096,mode=1777',
      },
      ShmSize: 16 * MiB,
      // The same number twice: no swap. Files in tmpfs and /dev/shm count too.
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      ...(options.cgroupVersion === 1 ? { MemorySwappiness: 0 } : {}),
      // gVisor's own threads count as well: with 128 it does not start.
      PidsLimit: options.runtime === 'runsc' ? processes + 896 : processes,
      // One CPU on average over a second instead of over 100 ms: a runtime's start, which uses two for a moment, is not held back.
      CpuPeriod: 1_000_000,
      CpuQuota: 1_000_000,
      // If the machine runs out of memory, a run goes before the engine does.
      OomScoreAdj: 1000,
      Ulimits: Object.entries({
        nofile: 256,
        fsize: 32 * MiB,
        core: 0,
        sigpending: 256,
        msgqueue: 0,
        memlock: 64 * 1024,
        nproc: 256,
      }).map(([Name, limit]) => ({ Name, Soft: limit, Hard: limit })),
      // The agent is PID 1: it reaps, and a program that kills itself dies.
      Init: false,
      // json-file took 189 MB in 4 s of output, on the host's disk. The server keeps the output itself.
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      // Removing is ours: the engine's own removal races with ours.
      AutoRemove: false,
      MaskedPaths: options.tty ? maskedPaths.filter((path) => path !== terminals) : maskedPaths,
      ReadonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  }
}

// Shows the program its own limits and nothing of its neighbours. The types of dockerode do not know it yet.
const privateCgroups = { CgroupnsMode: 'private' } as object

/**
 * Visible only to a run that asked for a terminal. How many there are is a number of the machine's (kernel.pty.max, 4096), and inside a container nobody may
 * set a mount's own maximum. Such a run can take as many as its open files allow and so keep other runs from theirs until it ends; the machine itself
 * keeps the last 1024 (kernel.pty.reserve), and runs without a terminal never need one.
 */
const terminals = '/dev/pts'

const maskedPaths = [
  // The engine's own list: giving one replaces it.
  ...['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats'],
  ...['/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap'],
  // Facts of the host that are nobody's business.
  ...[
    '/proc/cmdline',
    '/proc/config.gz',
    '/proc/kallsyms',
    '/proc/modules',
    '/proc/interrupts',
    '/proc/softirqs',
    '/proc/partitions',
  ],
  ...['/proc/diskstats', '/proc/key-users', '/proc/zoneinfo', '/proc/buddyinfo', '/sys/kernel', '/sys/module', '/sys/block'],
  ...['/sys/class/block', '/sys/class/dmi', '/sys/bus', '/sys/power', '/sys/dev'],
  // Per-uid message queues, the machine's ptys, the host's name server.
  ...['/dev/mqueue', terminals, '/etc/resolv.conf'],
]
