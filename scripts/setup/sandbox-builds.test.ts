import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { imageBuildsFile, readImageBuilds } from '../../sandbox/images/image-builds.ts'
import { readImagePlan } from '../../sandbox/images/image-plan.mjs'
import { takeLock } from './lock.mjs'
import { type Builds, beginSandboxImages } from './sandbox-images.mjs'

// The whole of it, with a docker command of the test's own: each build says two steps and then waits for a word.
const docker = `#!/bin/sh
case "$1 $2" in
  "image ls") cat "$SHOP/images"; exit ;;
  "image inspect") exit ;;
esac
while [ $# -gt 1 ]; do [ "$1" = --tag ] && tag=$2; shift; done
echo "Step 1/2 : FROM somewhere"
echo "Step 2/2 : RUN true"
read word < "$SHOP/$(echo "$tag" | tr /: __)"
[ "$word" = good ] || exit 7
echo "$tag" >> "$SHOP/images"
`

let shop: string
const begun: Builds[] = []
beforeEach(async () => {
  shop = await mkdtemp(join(tmpdir(), 'builds-'))
  const language = (order: number) => JSON.stringify({ order, versions: [{ version: '1' }] })
  const files = {
    'bin/docker': docker,
    images: '',
    'sandbox/agent/Dockerfile': 'FROM scratch\n',
    'sandbox/languages/zebra/language.json': language(1),
    'sandbox/languages/zebra/Dockerfile': 'FROM scratch\n',
    'sandbox/languages/ant/language.json': language(2),
    'sandbox/languages/ant/Dockerfile': 'FROM scratch\n',
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(shop, path)), { recursive: true })
    await writeFile(join(shop, path), content)
  }
  await chmod(join(shop, 'bin/docker'), 0o755)
  for (const { tag } of await readImagePlan(join(shop, 'sandbox'))) {
    expect(spawnSync('mkfifo', [join(shop, tag.replace(/[/:]/g, '_'))]).status).toBe(0)
  }
})
afterEach(async () => {
  for (const builds of begun.splice(0)) await builds.stop()
  await rm(shop, { recursive: true })
})

const data = () => join(shop, 'data')
const reported = () => readImageBuilds(join(data(), imageBuildsFile))

function begin() {
  const said: string[] = []
  const say = {
    line: (text: string) => void said.push(text),
    warn: (text: string) => void said.push(text),
    quiet() {},
    step: (title: string) => ({ at() {}, done() {}, failed: (why: string) => void said.push(`${title}: ${why}`) }),
  }
  const env = { ...process.env, PATH: `${join(shop, 'bin')}:${process.env.PATH}`, SHOP: shop }
  const builds = beginSandboxImages(
    {
      sandboxFolder: join(shop, 'sandbox'),
      dataFolder: data(),
      engine: { state: 'ready', version: '1', arch: 'amd64', env },
      installAllowed: false,
      node: process.execPath,
    },
    say,
  )
  begun.push(builds)
  return { builds, said }
}

async function tagOf(id: string): Promise<string> {
  return (await readImagePlan(join(shop, 'sandbox'))).find((plan) => plan.id === id)?.tag ?? ''
}
async function atLastStep(id: string): Promise<void> {
  const tag = await tagOf(id)
  await expect
    .poll(async () => (await reported()).get(tag), { timeout: 10_000 })
    .toMatchObject({ state: 'building', step: 2, steps: 2 })
}
/** Lets the build of an image end, once it has got that far. */
async function end(id: string, word: 'good' | 'bad' = 'good'): Promise<void> {
  await atLastStep(id)
  await writeFile(join(shop, (await tagOf(id)).replace(/[/:]/g, '_')), `${word}\n`)
}

test('who begins can serve once the first language of the picker is there; the rest is built behind, told step by step', async () => {
  const { builds } = begin()
  await end('base')
  await atLastStep('zebra')
  expect((await reported()).get(await tagOf('ant'))).toMatchObject({ state: 'waiting' })
  await end('zebra')
  await builds.first
  await end('ant')
  expect(await builds.all).toEqual([])
  expect(existsSync(join(data(), imageBuildsFile))).toBe(false)
  expect(existsSync(join(data(), 'image-builds.lock'))).toBe(false)
})

test('a language that cannot be built keeps nobody waiting and the others from nothing; what failed stays told', async () => {
  const { builds, said } = begin()
  await end('base')
  await end('zebra', 'bad')
  await builds.first
  await end('ant')
  expect(await builds.all).toEqual(['zebra 1'])
  expect(await reported()).toEqual(
    new Map([[await tagOf('zebra'), { state: 'failed', what: 'exit code 7 at step 2 of 2', since: expect.any(String) }]]),
  )
  expect(said).toContain(`Building ${await tagOf('zebra')}: exit code 7`)
})

test('told to stop in the middle, it ends what is under way and begins nothing more', async () => {
  const { builds } = begin()
  await end('base')
  await atLastStep('zebra')
  await builds.stop()
  expect(await builds.all).toEqual(['zebra 1', 'ant 1'])
  expect(await reported()).toEqual(new Map())
  expect(existsSync(join(data(), 'image-builds.lock'))).toBe(false)
})

test('while another set-up builds, this one lets the server begin, and builds nothing a second time', async () => {
  await mkdir(data())
  const giveBack = await takeLock(join(data(), 'image-builds.lock'))
  const { builds, said } = begin()
  await builds.first
  expect(said).toEqual([expect.stringMatching(/^Another set-up \(process \d+\) is building sandbox images/)])
  await writeFile(join(shop, 'images'), `${await tagOf('base')}\n${await tagOf('zebra')}\n`)
  giveBack()
  await end('ant')
  expect(await builds.all).toEqual([])
})

test('with every image there, nothing is written and nothing is said', async () => {
  const tags = await Promise.all(['base', 'zebra', 'ant'].map(tagOf))
  await writeFile(join(shop, 'images'), `${tags.join('\n')}\n`)
  const { builds, said } = begin()
  await builds.first
  expect([await builds.all, said, existsSync(data())]).toEqual([[], [], false])
})
