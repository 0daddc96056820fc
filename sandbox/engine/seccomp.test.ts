import { expect, test } from 'vitest'
import { mayTalkToItself, seccompProfile } from './seccomp.ts'

type Rule = { names: string[]; action: string; args?: { index: number; value: number }[] }
const rulesOf = (ground: Parameters<typeof seccompProfile>[0]) =>
  JSON.parse(seccompProfile(ground)) as { defaultAction: string; syscalls: Rule[] }
const socketFamilies = (ground: Parameters<typeof seccompProfile>[0]) =>
  rulesOf(ground)
    .syscalls.filter(({ names }) => names.includes('socket'))
    .map(({ args }) => args?.[0]?.value)

test.each([
  [{ cgroupVersion: 1 as const }, false],
  [{ cgroupVersion: 1 as const, runtime: 'crun' }, false],
  [{ cgroupVersion: 1 as const, runtime: 'runsc' }, true],
  [{ cgroupVersion: 2 as const }, true],
])('on %j a program may talk to itself over sockets: %s, since there their memory is charged to it or not', (ground, allowed) => {
  expect(mayTalkToItself(ground)).toBe(allowed)
  // 1 is AF_UNIX, 2 and 10 are the internet's.
  expect(socketFamilies(ground)).toEqual(allowed ? [1, 2, 10] : [1])
})

test('everything that is not on the list is refused, on every engine', () => {
  for (const cgroupVersion of [1, 2] as const) expect(rulesOf({ cgroupVersion }).defaultAction).toBe('SCMP_ACT_ERRNO')
})

test.each([
  'mount',
  'unshare',
  'setns',
  'bpf',
  'ptrace',
  'keyctl',
  'add_key',
  'userfaultfd',
  'io_uring_setup',
  'kexec_load',
  'init_module',
  'pivot_root',
  'perf_event_open',
])('nothing allows %s', (name) => {
  const rules = rulesOf({ cgroupVersion: 2 }).syscalls.filter(({ names }) => names.includes(name))
  expect(rules.filter(({ action }) => action === 'SCMP_ACT_ALLOW')).toEqual([])
})
