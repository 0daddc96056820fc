import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { finished, jobOf, openTestExecutor, type Program, runProgram } from '../testing/real-executor.ts'

const canary = 'canary-4f1c'
let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  vi.stubEnv('BUGGHOST_TEST_SECRET', canary)
  executor = await openTestExecutor()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

/** What the program prints as JSON. One that does not end well is no witness. */
async function seenBy(code: string, program?: Program): Promise<unknown> {
  const { stdout, stderr, verdict } = await runProgram(executor, 'python', `import json, os, sys\n${code}\n`, program)
  expect({ stderr, verdict }).toEqual({ stderr: '', verdict: { kind: 'exited', exit_code: 0 } })
  return JSON.parse(stdout)
}

/** Of many things to try, those that worked. */
const tried = (what: string) => `
def works(act):
  try: act()
  except OSError: return False
  return True
${what}`

describe('privileges', () => {
  test('the program is nobody in particular, without a capability, and can become nobody else', async () => {
    const seen = await seenBy(`
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
def become_root(call):
  try: call(0)
  except OSError: return "refused"
  return "done"
print(json.dumps({
  "uids": sorted(set(status["Uid"].split() + status["Gid"].split())), "groups": os.getgroups(),
  "caps": [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
  "noNewPrivileges": status["NoNewPrivs"], "seccomp": status["Seccomp"],
  "root": [become_root(call) for call in (os.setuid, os.setgid, os.seteuid, lambda id: os.setgroups([id]))],
}))`)
    expect(seen).toEqual({
      uids: [expect.stringMatching(/^2\d{4}$/)],
      groups: expect.not.arrayContaining([0]),
      caps: [0, 0, 0, 0, 0],
      noNewPrivileges: '1',
      seccomp: '2',
      root: ['refused', 'refused', 'refused', 'refused'],
    })
  })

  test('no program of the image makes its caller somebody else', async () => {
    expect(
      await seenBy(`
import stat
found = []
for folder, _, names in os.walk("/usr"):
  for name in names:
    mode = os.lstat(os.path.join(folder, name)).st_mode
    if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID): found.append(os.path.join(folder, name))
print(json.dumps(found))`),
    ).toEqual([])
  })
})

describe('system calls', () => {
  test('that reach the kernel’s dangerous parts are refused', async () => {
    const seen = await seenBy(`
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
buffer = ctypes.create_string_buffer(256)
# name: (number on x86-64, number on arm64, arguments)
calls = {
  "unshare": (272, 97, (0x10000000,)), "setns": (308, 268, (0, 0)), "mount": (165, 40, (b"none", b"/tmp", b"tmpfs", 0, None)),
  "umount2": (166, 39, (b"/tmp", 0)), "pivot_root": (155, 41, (b"/", b"/")), "fsopen": (430, 430, (b"tmpfs", 0)),
  "open_tree": (428, 428, (-100, b"/", 1)), "bpf": (321, 280, (0, buffer, 64)), "keyctl": (250, 219, (0, -3, 0)),
  "add_key": (248, 217, (b"user", b"k", b"v", 1, -3)), "perf_event_open": (298, 241, (buffer, 0, -1, -1, 0)),
  "io_uring_setup": (425, 425, (1, buffer)), "userfaultfd": (323, 282, (1,)), "ptrace": (101, 117, (0, 0, 0, 0)),
  "process_vm_readv": (310, 270, (os.getpid(), buffer, 0, buffer, 0, 0)), "memfd_secret": (447, 447, (0,)),
  "syslog": (103, 116, (10, None, 0)), "reboot": (169, 142, (0, 0, 0, None)), "init_module": (175, 105, (buffer, 0, b"")),
  "kexec_load": (246, 104, (0, 0, None, 0)), "chroot": (161, 51, (b"/tmp",)), "clone_newuser": (56, 220, (0x10000011, 0, 0, 0, 0)),
}
allowed = []
for name, (x86, arm, arguments) in calls.items():
  child = os.fork()
  if child == 0: os._exit(0 if libc.syscall(x86 if platform.machine() == "x86_64" else arm, *arguments) >= 0 else 1)
  if os.waitpid(child, 0)[1] == 0: allowed.append(name)
print(json.dumps(allowed))`)
    expect(seen).toEqual([])
  })

  test('make no device', async () => {
    expect(
      await seenBy(
        tried(`
import stat
print(json.dumps([works(lambda: os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))), works(lambda: os.mknod("/tmp/mem", 0o600 | stat.S_IFCHR, os.makedev(1, 1))), works(lambda: os.mkfifo("/tmp/pipe"))]))`),
      ),
    ).toEqual([false, false, true])
  })

  test('open no terminal: they are counted for the whole machine', async () => {
    expect(await seenBy(tried('print(json.dumps(works(lambda: os.openpty())))'))).toBe(false)
  })
})

describe('the network', () => {
  test('has one interface, the loopback, and it carries nothing: no socket but AF_UNIX can be made', async () => {
    const seen = await seenBy(
      tried(`
import socket
families = {"unix": 1, "inet": 2, "inet6": 10, "netlink": 16, "packet": 17, "alg": 38, "vsock": 40, "xdp": 44}
kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
print(json.dumps({
  "interfaces": [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]],
  "sockets": [name for name, family in families.items() if any(works(lambda: socket.socket(family, kind).close()) for kind in kinds)],
}))`),
    )
    expect(seen).toEqual({ interfaces: ['lo'], sockets: ['unix'] })
  })

  test('knows no name server and no name of the host', async () => {
    expect(await seenBy('import socket\nprint(json.dumps([open("/etc/resolv.conf").read(), socket.gethostname()]))')).toEqual([
      '',
      'sandbox',
    ])
  })

  test('has no socket of an engine in it', async () => {
    const places = ['/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock']
    expect(await seenBy(`print(json.dumps([path for path in ${JSON.stringify(places)} if os.path.exists(path)]))`)).toEqual([])
  })
})

describe('secrets', () => {
  test('of the server’s environment are not in the program’s, nor in that of any process it sees', async () => {
    const seen = (await seenBy(`
everything = []
for pid in filter(str.isdigit, os.listdir("/proc")):
  for name in ("environ", "cmdline"):
    try: everything.append(open(f"/proc/{pid}/{name}", "rb").read().decode("utf8", "replace"))
    except OSError: pass
print(json.dumps([sorted(os.environ), everything]))`)) as [string[], string[]]
    const own = ['MPLBACKEND', 'MPLCONFIGDIR', 'PYTHONDONTWRITEBYTECODE', 'PYTHONUNBUFFERED']
    expect(seen[0]).toEqual(['HOME', 'LANG', ...own, 'PATH'].sort())
    expect(JSON.stringify(seen[1])).not.toContain(canary)
    expect(JSON.stringify(seen[1])).not.toContain('BUGGHOST_TEST_SECRET')
  })

  test.each([
    ['a waiting runtime', {}],
    ['a plain start', { A_VARIABLE: '1' }],
  ])('are behind no descriptor: %s holds its own three, and one on which it is asked where it stands', async (_, env) => {
    const code = `
open_ones = [int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]
pair = os.readlink("/proc/self/fd/255")
print(json.dumps([sorted(open_ones), pair.split(":")[0]]))`
    expect(await seenBy(code, { env })).toEqual([[0, 1, 2, 255], 'socket'])
  })

  test('of the agent are out of reach', async () => {
    const names = ['mem', 'environ', 'maps', 'fd', 'root', 'cwd', 'exe', 'auxv', 'stack', 'syscall']
    expect(
      await seenBy(
        tried(`
def look(path):
  try: os.listdir(path)
  except NotADirectoryError: open(path, "rb").read(1)
print(json.dumps([name for name in ${JSON.stringify(names)} if works(lambda: look(f"/proc/1/{name}"))]))`),
      ),
    ).toEqual([])
  })

  test('of the host are hidden', async () => {
    const paths = [
      '/proc/cmdline',
      '/proc/kallsyms',
      '/proc/modules',
      '/proc/keys',
      '/proc/interrupts',
      '/proc/partitions',
      '/proc/kcore',
    ]
    expect(
      await seenBy(`
told = []
for path in ${JSON.stringify(paths)}:
  try:
    if open(path, "rb").read(64): told.append(path)
  except OSError: pass
print(json.dumps(told))`),
    ).toEqual([])
  })
})

describe('files', () => {
  test('can be written in three places', async () => {
    expect(
      await seenBy(
        tried(`
def touch(folder):
  path = os.path.join(folder, ".probe")
  open(path, "w").close()
  os.unlink(path)
places = {"/"}
for folder, folders, _ in os.walk("/"):
  if folder.startswith("/proc") or folder.startswith("/sys"): folders.clear()
  places.add(folder)
places |= {"/proc", "/proc/sys", "/proc/self", "/sys", "/sys/fs/cgroup"}
print(json.dumps(sorted(place for place in places if works(lambda: touch(place)))))`),
      ),
    ).toEqual(['/dev/shm', '/tmp', '/workspace'])
  })

  test('by which a kernel is changed cannot be opened for writing', async () => {
    const paths = [
      ...['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/modprobe', '/proc/sys/vm/overcommit_memory', '/proc/sysrq-trigger'],
      ...['/proc/kcore', '/dev/mem', '/dev/kmsg', '/sys/power/state', '/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/memory.max'],
      ...['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/release_agent', '/sys/fs/cgroup/pids/pids.max'],
      ...['/etc/passwd', '/etc/ld.so.preload', '/usr/local/bin/bugghost-agent'],
    ]
    expect(
      await seenBy(
        tried(
          `print(json.dumps([path for path in ${JSON.stringify(paths)} if works(lambda: os.close(os.open(path, os.O_WRONLY)))]))`,
        ),
      ),
    ).toEqual([])
  })

  test('have a limited size and a limited number', async () => {
    const seen = await seenBy(`
import errno
def until_refused(act):
  count = 0
  try:
    while True: act(count); count += 1
  except OSError as error: return [count, errno.errorcode[error.errno]]
def fill(number):
  with open(f"block{number}", "wb") as file: file.write(bytes(8 << 20))
def grow(number):
  with open("/tmp/one", "ab") as file: file.write(bytes(8 << 20))
filled = until_refused(fill)
for name in os.listdir("."):
  if name.startswith("block"): os.unlink(name)
print(json.dumps([filled, until_refused(lambda number: open(f"empty{number}", "w").close()), until_refused(grow)]))`)
    // The entry file is in the workspace too.
    expect(seen).toEqual([
      [7, 'ENOSPC'],
      [expect.any(Number), 'ENOSPC'],
      [expect.any(Number), expect.stringMatching(/ENOSPC|EFBIG/)],
    ])
    expect((seen as [unknown, [number, string]])[1][0]).toBeLessThan(8_192)
  })
})

describe('others', () => {
  test('are not reached by a program that kills whom it can: the agent goes on', async () => {
    const code = `
import signal
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP):
  for pid in (1, -1):
    try: os.kill(pid, number)
    except OSError: pass
print(json.dumps("still here"))`
    expect(await seenBy(code)).toBe('still here')
  })

  test('run at the same time under another uid, and neither sees a process or a file of the other', async () => {
    const code = `import json, os
traces = [path for folder in ("/tmp", "/workspace", "/dev/shm") for path in [os.path.join(folder, "trace")]]
seen = [path for path in traces if os.path.exists(path)]
for path in traces: open(path, "w").close()
print(json.dumps({"uid": os.getuid(), "seen": seen, "processes": len([pid for pid in os.listdir("/proc") if pid.isdigit()])}))
input()
`
    const both = [0, 1].map(() => executor.start(jobOf('python', code, { stdinOpen: true })))
    // Neither goes on before both have left their traces.
    let ready = 0
    const runs = await Promise.all(
      both.map((execution) =>
        finished(execution, (event) => {
          if (event.type === 'output' && event.text.endsWith('\n') && ++ready === both.length)
            for (const one of both) one.write('\n')
        }),
      ),
    )
    const seen = runs.map(({ stdout }) => JSON.parse(stdout) as { uid: number; seen: string[]; processes: number })
    expect(seen[0]?.uid).not.toBe(seen[1]?.uid)
    // The agent and the program.
    for (const one of seen) expect(one).toMatchObject({ seen: [], processes: 2 })
  })

  test('that run later find nothing of a run before', async () => {
    const code = `
import time
left = [path for folder in ("/tmp", "/workspace", "/dev/shm") for path in os.listdir(folder)]
for folder in ("/tmp", "/workspace", "/dev/shm"): open(os.path.join(folder, "left"), "w").close()
if os.fork() == 0:
  os.setsid()
  os.close(1)
  os.close(2)
  time.sleep(600)
print(json.dumps([left, len([pid for pid in os.listdir("/proc") if pid.isdigit()])]))`
    for (let round = 0; round < 3; round++) expect(await seenBy(code)).toEqual([['main.py'], 3])
  })
})
