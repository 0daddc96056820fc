import { describe, expect, test } from 'vitest'
import { stateOf, type WorkerState } from './registry.ts'

const known = [{ id: 'python', version: '3.13', image: 'python:1' }]
const worker = (ready: boolean, ok = true): WorkerState => ({
  engine: { ok, message: ok ? 'Docker 27' : 'The Docker engine cannot be used.' },
  languages: [
    { id: 'python', version: '3.13', ready, message: ready ? 'ready' : 'building', image: 'python:1', imageDigest: 'sha256:1' },
  ],
  sandboxes: { waiting: 1, running: 2, queued: 0 },
  places: 4,
})

describe('all workers together', () => {
  test('have a language as soon as one of them has it', () => {
    expect(stateOf([worker(false), worker(true)], known)).toMatchObject({
      engine: { ok: true, message: '2 workers with Docker 27' },
      languages: [{ ready: true, image: 'python:1' }],
      sandboxes: { waiting: 2, running: 4 },
    })
  })
  test('do not have what only a worker without an engine has', () => {
    expect(stateOf([worker(true, false)], known)).toMatchObject({
      engine: { ok: false, message: 'The Docker engine cannot be used.' },
      languages: [{ ready: false }],
    })
  })
  test('that are not there say what to do', () => {
    expect(stateOf([], known).engine).toMatchObject({ ok: false, message: expect.stringContaining('npm run worker') })
  })
})
