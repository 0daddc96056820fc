import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openImageReport } from '../../scripts/setup/image-report.mjs'
import { markOf } from '../process-mark.mjs'
import { type ImageBuild, readImageBuilds, wordsOfMissing } from './image-builds.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-builds-'))
  path = join(folder, 'image-builds.json')
})
afterEach(() => rm(folder, { recursive: true }))

const silent = { line() {}, warn() {}, quiet() {}, step: () => ({ at() {}, done() {}, failed() {} }) }
const since = '2026-11-23T12:00:00.000Z'
const write = (report: unknown) => writeFile(path, JSON.stringify(report))

test('without a report nobody builds anything', async () => {
  expect(await readImageBuilds(path)).toEqual(new Map())
})

test('what set-up writes is what the server reads, until the builds are over', async () => {
  const report = openImageReport(path, silent)
  report.set('bugghost/lua:5.4-1', { state: 'waiting' })
  report.set('bugghost/python:3.13-1', { state: 'building', step: 3, steps: 7, what: 'RUN apt-get update' })
  const builds = await readImageBuilds(path)
  expect(builds.get('bugghost/lua:5.4-1')).toEqual({ state: 'waiting', since: expect.any(String) })
  expect(builds.get('bugghost/python:3.13-1')).toMatchObject({ state: 'building', step: 3, steps: 7 })
  report.set('bugghost/python:3.13-1', null)
  report.close()
  expect(await readImageBuilds(path)).toEqual(new Map())
})

test('a failure is told for as long as the process that saw it lives', async () => {
  const report = openImageReport(path, silent)
  report.set('bugghost/lua:5.4-1', { state: 'failed', what: 'exit code 100' })
  report.close()
  expect([...(await readImageBuilds(path)).keys()]).toEqual(['bugghost/lua:5.4-1'])
})

test('what a process said that is gone is not believed', async () => {
  await write({ builder: { pid: process.pid, started: 'long ago' }, images: { tag: { state: 'waiting', since } } })
  expect(await readImageBuilds(path)).toEqual(new Map())
})

test('a file that is no report is told, not guessed at', async () => {
  await write({ builder: markOf(process.pid), images: { tag: { state: 'nearly', since } } })
  await expect(readImageBuilds(path)).rejects.toThrow(/state/)
})

test.each<[string, ImageBuild | undefined, boolean, string]>([
  ['nobody builds', undefined, false, 'Its image bugghost/lua:5.4-1 is missing. Build it with: npm run setup'],
  ['waits for its turn', { state: 'waiting', since }, true, 'Its image is waiting to be built.'],
  ['has just begun', { state: 'building', since, step: 0, steps: 0, what: '' }, true, 'Its image is being built.'],
  [
    'is on its way',
    { state: 'building', since, step: 3, steps: 7, what: 'RUN true' },
    true,
    'Its image is being built: step 3 of 7.',
  ],
  [
    'failed',
    { state: 'failed', since, what: 'exit code 100 at step 3 of 7' },
    false,
    'Its image could not be built: exit code 100 at step 3 of 7. See why, and try again, with: npm run setup',
  ],
])('an image that %s is told in words', (_, build, building, message) => {
  expect(wordsOfMissing('bugghost/lua:5.4-1', build)).toEqual({ building, message })
})
