import { expect, test } from 'vitest'
import { Signal, type Verdict } from '../../protocol/run.ts'
import { quietExit } from '../testing/quiet-exit.ts'
import { type Facts, signalName, signalNumber, verdictOf } from './verdict.ts'

type Told = Partial<Facts['exit']> & Partial<Omit<Facts, 'exit'>>

test.each<[string, Told, Verdict]>([
  ['ends by itself', {}, { kind: 'exited', exit_code: 0 }],
  ['ends with a code', { exitCode: 44 }, { kind: 'exited', exit_code: 44 }],
  ['is ended by a signal', { exitCode: null, signal: 11 }, { kind: 'signaled', signal: 'SIGSEGV' }],
  ['kills itself', { exitCode: null, signal: 9 }, { kind: 'signaled', signal: 'SIGKILL' }],
  [
    'is killed for memory, which also looks like SIGKILL',
    { exitCode: null, signal: 9, oomKilled: true },
    { kind: 'memory-limit' },
  ],
  ['fails after a child of its was killed for memory', { exitCode: 1, oomKilled: true }, { kind: 'memory-limit' }],
  ['goes on and ends well after a child was killed for memory', { oomKilled: true }, { kind: 'exited', exit_code: 0 }],
  ['gives up because its runtime has no memory', { exitCode: 1, saidOutOfMemory: true }, { kind: 'memory-limit' }],
  ['aborts because its runtime has no memory', { exitCode: null, signal: 6, saidOutOfMemory: true }, { kind: 'memory-limit' }],
  ['only talks of memory', { saidOutOfMemory: true }, { kind: 'exited', exit_code: 0 }],
  ['fails when it may start no further process', { exitCode: 1, forkRefused: true }, { kind: 'process-limit' }],
  ['copes with being refused a process', { forkRefused: true }, { kind: 'exited', exit_code: 0 }],
  [
    'fails for memory and processes, of which memory kills',
    { exitCode: 1, forkRefused: true, oomKilled: true },
    { kind: 'memory-limit' },
  ],
  ['runs out of wall time', { exitCode: null, signal: 9, stoppedBy: 'wall-time' }, { kind: 'time-limit', clock: 'wall' }],
  ['runs out of CPU time', { exitCode: null, signal: 9, stoppedBy: 'cpu-time' }, { kind: 'time-limit', clock: 'cpu' }],
  [
    'is stopped for time but exits 0 on the way out',
    { exitCode: 0, stoppedBy: 'wall-time' },
    { kind: 'time-limit', clock: 'wall' },
  ],
  [
    'is stopped for time after a child was killed for memory',
    { exitCode: null, signal: 9, stoppedBy: 'wall-time', oomKilled: true },
    { kind: 'time-limit', clock: 'wall' },
  ],
  ['writes too much', { stoppedBy: 'output-stdout' }, { kind: 'output-limit', stream: 'stdout' }],
  ['complains too much', { stoppedBy: 'output-stderr' }, { kind: 'output-limit', stream: 'stderr' }],
  ['is cancelled by who asked first', { stoppedBy: 'cancel', cancelledBy: 'shutdown' }, { kind: 'cancelled', by: 'shutdown' }],
  ['claims a cancel nobody asked for', { stoppedBy: 'cancel' }, { kind: 'cancelled', by: 'user' }],
  ['ends before a cancel reaches it', { cancelledBy: 'user' }, { kind: 'exited', exit_code: 0 }],
  [
    'is stopped for time before a cancel reaches it',
    { stoppedBy: 'wall-time', cancelledBy: 'user' },
    { kind: 'time-limit', clock: 'wall' },
  ],
  [
    'ends of being asked for its stacks, when its wall time was about to run out',
    { exitCode: 2, endedByQuestion: 'wall' },
    { kind: 'time-limit', clock: 'wall' },
  ],
  [
    'dies of being asked for its stacks, when its CPU time was about to run out',
    { exitCode: null, signal: 10, endedByQuestion: 'cpu' },
    { kind: 'time-limit', clock: 'cpu' },
  ],
])('a program that %s', (_, { cancelledBy = null, saidOutOfMemory = false, endedByQuestion = null, ...exit }, verdict) => {
  expect(verdictOf({ exit: { ...quietExit, ...exit }, cancelledBy, saidOutOfMemory, endedByQuestion })).toEqual(verdict)
})

test.each<[string, Told, Verdict]>([
  ['refuses the program', { exitCode: 1 }, { kind: 'compile-failed', exit_code: 1 }],
  ['crashes', { exitCode: null, signal: 11 }, { kind: 'compile-failed', exit_code: 139 }],
  ['takes too long', { exitCode: null, signal: 9, stoppedBy: 'wall-time' }, { kind: 'time-limit', clock: 'wall' }],
  ['is killed for memory', { exitCode: null, signal: 9, oomKilled: true }, { kind: 'memory-limit' }],
  ['complains without end', { stoppedBy: 'output-stderr' }, { kind: 'output-limit', stream: 'stderr' }],
])('a compiler that %s', (_, { cancelledBy = null, saidOutOfMemory = false, endedByQuestion = null, ...exit }, verdict) => {
  expect(verdictOf({ exit: { ...quietExit, stage: 'compile', ...exit }, cancelledBy, saidOutOfMemory, endedByQuestion })).toEqual(
    verdict,
  )
})

test('signals have the numbers of Linux, on whatever machine the server runs', () => {
  expect(Signal.options.map(signalNumber)).toEqual([2, 15, 1, 3, 10, 12])
  for (const signal of Signal.options) expect(signalName(signalNumber(signal))).toBe(signal)
})

test('the real-time signals begin where the C library lets them', () => {
  expect(signalNumber('SIGRTMIN+14')).toBe(48)
})

test('a signal without a name is called by its number', () => {
  expect([signalName(31), signalName(34), signalName(64)]).toEqual(['SIGSYS', 'SIG34', 'SIG64'])
})
