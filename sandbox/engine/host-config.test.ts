import { describe, expect, test, vi } from 'vitest'
import { MiB } from '../../protocol/limits.ts'
import { createOptions } from './host-config.ts'

const asked = {
  imageId: 'sha256:0123',
  agentArguments: ['stage:run', 'arg:python3'],
  env: { PYTHONUNBUFFERED: '1' },
  uid: 20_123,
  memoryBytes: 256 * MiB,
  processes: 128,
  tty: false,
  cgroupVersion: 1 as const,
  labels: { 'bugghost.sandbox': 'a1' },
}

function optionsFor(change: Partial<Parameters<typeof createOptions>[0]> = {}) {
  const options = createOptions({ ...asked, ...change })
  if (!options.HostConfig) throw new Error('there is no HostConfig')
  return { ...options, host: options.HostConfig }
}
const { host, ...container } = optionsFor()

type Seccomp = {
  defaultAction: string
  syscalls: { names: string[]; action: string; args?: { index: number; value: number; op: string }[] }[]
}
function seccomp(): Seccomp {
  const profile = host.SecurityOpt?.find((option: string) => option.startsWith('seccomp='))
  return JSON.parse(profile?.slice('seccomp='.length) ?? 'null') as Seccomp
}

describe('privileges', () => {
  test('the program is the user it was given, who is not root', () => {
    expect(container.User).toBe('20123:20123')
    expect(host.GroupAdd).toBeUndefined()
  })

  test('every capability is dropped and none comes back', () => {
    expect(host.CapDrop).toEqual(['ALL'])
    expect(host.CapAdd).toBeUndefined()
  })

  test('it is not privileged, and can never gain privileges', () => {
    expect(host.Privileged).toBe(false)
    expect(host.SecurityOpt).toContain('no-new-privileges:true')
  })

  test('no other security option switches something off', () => {
    expect(host.SecurityOpt?.map((option: string) => option.split(/[=:]/)[0])).toEqual(['no-new-privileges', 'seccomp'])
  })

  test('it shares no namespace with the host or another container', () => {
    expect(host).toMatchObject({ NetworkMode: 'none', IpcMode: 'private', CgroupnsMode: 'private' })
    for (const namespace of ['PidMode', 'UTSMode', 'UsernsMode'] as const) expect(host[namespace]).toBeUndefined()
  })
})

describe('system calls', () => {
  const named = (name: string) => seccomp().syscalls.filter(({ names }) => names.includes(name))

  test('that are not listed are refused, not allowed', () => {
    expect(seccomp().defaultAction).toBe('SCMP_ACT_ERRNO')
  })

  test('that are listed are allowed or refused: nothing is traced, logged or handed on', () => {
    expect(new Set(seccomp().syscalls.map(({ action }) => action))).toEqual(new Set(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']))
  })

  test('open sockets of the sandbox itself alone: AF_UNIX', () => {
    expect(named('socket').map(({ action, args }) => ({ action, args }))).toEqual([
      { action: 'SCMP_ACT_ALLOW', args: [expect.objectContaining({ index: 0, value: 1, op: 'SCMP_CMP_EQ' })] },
    ])
    // The way around it on 32 bit.
    expect(named('socketcall')).toEqual([])
  })

  test('make no namespace: clone without its flags, and no clone3, whose flags no filter can see', () => {
    const newNamespace = 0x7e02_0000
    expect(named('clone').map(({ args }) => args)).toEqual([
      [expect.objectContaining({ index: 0, value: newNamespace, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' })],
    ])
    expect(named('clone3').map(({ action }) => action)).toEqual(['SCMP_ACT_ERRNO'])
  })

  test.each(
    [
      'unshare setns mount umount2 pivot_root fsopen fsmount open_tree move_mount mount_setattr chroot',
      'bpf perf_event_open ptrace process_vm_readv process_vm_writev kcmp userfaultfd',
      'io_uring_setup io_uring_enter io_uring_register',
      'init_module finit_module delete_module kexec_load kexec_file_load reboot syslog',
      'keyctl add_key request_key open_by_handle_at quotactl swapon swapoff',
      'memfd_secret acct settimeofday clock_settime',
    ].flatMap((line) => line.split(' ')),
  )('never include %s', (name) => {
    expect(named(name).filter(({ action }) => action === 'SCMP_ACT_ALLOW')).toEqual([])
  })
})

describe('the network', () => {
  test('is none', () => {
    expect(container.NetworkDisabled).toBe(true)
    expect(host.NetworkMode).toBe('none')
    for (const way of ['PortBindings', 'PublishAllPorts', 'Links', 'ExtraHosts', 'Dns'] as const)
      expect(host[way]).toBeUndefined()
    expect(container.NetworkingConfig).toBeUndefined()
  })
})

describe('files', () => {
  test('of the image cannot be written', () => {
    expect(host.ReadonlyRootfs).toBe(true)
  })

  test('can be written in two places, of a limited size and a limited number, and never gain privileges there', () => {
    expect(Object.keys(host.Tmpfs ?? {})).toEqual(['/workspace', '/tmp'])
    const places = Object.values(host.Tmpfs ?? {}).map((options) => String(options).split(','))
    for (const options of places) expect(options).toEqual(expect.arrayContaining(['nosuid', 'nodev']))
    expect(places.map((options) => options.filter((option) => /^(size|nr_inodes)=/.test(option)))).toEqual([
      ['size=64m', 'nr_inodes=8192'],
      ['size=32m', 'nr_inodes=4096'],
    ])
  })

  test('in the workspace are the program’s alone', () => {
    expect(host.Tmpfs?.['/workspace']).toContain('uid=20123,gid=20123,mode=0700')
  })

  test('in shared memory are limited too', () => {
    expect(host.ShmSize).toBe(16 * MiB)
  })

  test('of the host are not there: no mount, volume or device', () => {
    for (const way of ['Binds', 'Mounts', 'Devices', 'DeviceRequests', 'DeviceCgroupRules', 'VolumesFrom'] as const)
      expect(host[way]).toBeUndefined()
    expect(container.Volumes).toBeUndefined()
  })

  test('that tell of the host are hidden', () => {
    expect(host.MaskedPaths).toEqual(
      expect.arrayContaining([
        '/proc/kcore',
        '/proc/keys',
        '/proc/cmdline',
        '/proc/kallsyms',
        '/sys/firmware',
        '/etc/resolv.conf',
      ]),
    )
    expect(host.ReadonlyPaths).toEqual(expect.arrayContaining(['/proc/sys', '/proc/sysrq-trigger']))
  })

  test('that make terminals and message queues, which are counted for the whole machine, are hidden', () => {
    expect(host.MaskedPaths).toEqual(expect.arrayContaining(['/dev/pts', '/dev/mqueue']))
    expect(container.Tty).toBe(false)
  })

  test('that make terminals are there for a run that asked for one, and everything else stays hidden', () => {
    const withTerminal = optionsFor({ tty: true })
    expect(withTerminal.host.MaskedPaths).toEqual(host.MaskedPaths?.filter((path: string) => path !== '/dev/pts'))
    // The agent opens it: the container's own stream stays framed.
    expect(withTerminal.Tty).toBe(false)
  })
})

describe('limits', () => {
  const ulimits = Object.fromEntries(
    (host.Ulimits as { Name: string; Soft: number; Hard: number }[]).map(({ Name, Soft, Hard }) => [Name, [Soft, Hard]]),
  )

  test('of memory leave no swap', () => {
    const { Memory, MemorySwap, MemorySwappiness } = optionsFor({ memoryBytes: 64 * MiB }).host
    expect([Memory, MemorySwap, MemorySwappiness]).toEqual([64 * MiB, 64 * MiB, 0])
  })

  test('of memory say nothing of swappiness on cgroup v2, which refuses it', () => {
    expect(optionsFor({ cgroupVersion: 2 }).host).not.toHaveProperty('MemorySwappiness')
  })

  test('of memory are enforced: the kernel’s killer is on, and takes a run before anything of the host', () => {
    expect(host.OomKillDisable).toBeUndefined()
    expect(host.OomScoreAdj).toBe(1000)
  })

  test('of processes are the job’s', () => {
    expect(optionsFor({ processes: 16 }).host.PidsLimit).toBe(16)
  })

  test('of processes leave gVisor room for its own threads', () => {
    expect(optionsFor({ processes: 16, runtime: 'runsc' }).host.PidsLimit).toBeGreaterThan(16)
  })

  test('of the processor are one CPU', () => {
    expect(Number(host.CpuQuota) / Number(host.CpuPeriod)).toBe(1)
  })

  test('of what the kernel counts are hard', () => {
    for (const [name, [soft, hard]] of Object.entries(ulimits)) expect([name, soft]).toEqual([name, hard])
    expect(ulimits).toMatchObject({ nofile: [256, 256], core: [0, 0], msgqueue: [0, 0], fsize: [32 * MiB, 32 * MiB] })
  })
})

describe('nothing of the server goes in', () => {
  test('its environment least of all: the list is whole', () => {
    vi.stubEnv('DATABASE_URL', 'postgres://secret')
    try {
      expect(optionsFor().Env).toEqual(['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/tmp', 'LANG=C.UTF-8', 'PYTHONUNBUFFERED=1'])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('nor the name of the machine', () => {
    expect(container.Hostname).toBe('sandbox')
  })

  test('and the working directory is not for anybody to choose', () => {
    expect(container.WorkingDir).toBe('/workspace')
  })
})

describe('what the engine keeps', () => {
  test('no output: the server keeps it itself, the host’s disk does not', () => {
    expect(host.LogConfig).toEqual({ Type: 'none', Config: {} })
  })

  test('the labels by which a sandbox is found and removed', () => {
    expect(container.Labels).toEqual({ 'bugghost.sandbox': 'a1' })
  })

  test('nothing running: it starts no container again by itself', () => {
    expect(host.RestartPolicy).toEqual({ Name: 'no' })
  })
})

test('the agent is PID 1 and its stream is the only way in', () => {
  expect(host.Init).toBe(false)
  expect(container.Entrypoint).toBeUndefined()
  expect(container).toMatchObject({ Cmd: ['stage:run', 'arg:python3'], OpenStdin: true, StdinOnce: true, Tty: false })
  expect(container.Healthcheck).toEqual({ Test: ['NONE'] })
})

test('another runtime is used when the operator names one', () => {
  expect(optionsFor({ runtime: 'crun' }).host.Runtime).toBe('crun')
  expect(host).not.toHaveProperty('Runtime')
})
