import { expect, test } from 'vitest'
import { inOrder, stepIn } from './sandbox-images.mjs'

const plan = (id: string, base: string | null) => ({ id, tag: `bugghost/${id}`, context: '', base, hasNpmPackages: false })
const plans = [
  plan('base', null),
  plan('java', 'bugghost/base'),
  plan('javascript', 'bugghost/base'),
  plan('typescript', 'bugghost/javascript'),
  plan('python', 'bugghost/base'),
]
const silent = { line: () => {}, warn: () => {}, step: () => ({ at: () => {}, done: () => {}, failed: () => {} }) }

/** Builds that end when they are told to, and what was said. */
function workshop() {
  const begun: string[] = []
  const said: string[] = []
  const endings = new Map<string, (built: boolean) => void>()
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    begun,
    said,
    say: { ...silent, warn: (text: string) => said.push(text) },
    build: ({ id }: { id: string }) => {
      begun.push(id)
      return new Promise<boolean>((resolve) => endings.set(id, resolve))
    },
    async end(id: string, built = true) {
      endings.get(id)?.(built)
      await settled()
    },
  }
}

test('an image is built once its base is, two at a time', async () => {
  const { begun, build, end, say } = workshop()
  const missing = inOrder(plans, build, say)
  expect(begun).toEqual(['base'])
  await end('base')
  expect(begun).toEqual(['base', 'java', 'javascript'])
  await end('javascript')
  expect(begun).toEqual(['base', 'java', 'javascript', 'python'])
  await end('java')
  expect(begun).toEqual(['base', 'java', 'javascript', 'python', 'typescript'])
  await end('python')
  await end('typescript')
  expect(await missing).toEqual([])
})

test('what stands on a failure is left out, the rest is built', async () => {
  const { begun, said, build, end, say } = workshop()
  const missing = inOrder(plans, build, say)
  await end('base')
  await end('javascript', false)
  await end('java')
  await end('python')
  expect(await missing).toEqual(['javascript', 'typescript'])
  expect(begun).toEqual(['base', 'java', 'javascript', 'python'])
  expect(said).toEqual(['typescript is left out: the image it is built on, bugghost/javascript, could not be built.'])
})

test('a base that is there already is not waited for', async () => {
  const { begun, build, end, say } = workshop()
  const missing = inOrder(plans.slice(3, 4), build, say)
  await end('typescript')
  expect(begun).toEqual(['typescript'])
  await end('typescript')
  expect(await missing).toEqual([])
})

test.each([
  ['Step 3/9 : RUN apt-get update  && apt-get install gcc', '3/9 RUN apt-get update && apt-get install gcc'],
  ['#7 [3/9] COPY *.c /agent/', '3/9 COPY *.c /agent/'],
  ['#7 [stage-1 2/4] RUN true', '2/4 RUN true'],
  ['#7 0.311 Get:1 http://deb.debian.org/debian', null],
  [' ---> Running in 7b3d1b9a', null],
])('of the line %j the progress is %j', (line, progress) => expect(stepIn(line)).toBe(progress))
