import { expect, test } from 'vitest'
import { chosenPlans, inOrder, placeIn, withoutUsage } from './sandbox-images.mjs'

const plan = (id: string, base: string | null) => ({
  id,
  version: base === null ? null : '1',
  tag: `bugghost/${id}`,
  context: '',
  base,
  foundation: 'debian',
  buildArgs: {},
  hasNpmPackages: false,
})
const plans = [
  plan('base', null),
  plan('java', 'bugghost/base'),
  plan('javascript', 'bugghost/base'),
  plan('typescript', 'bugghost/javascript'),
  plan('python', 'bugghost/base'),
]

/** Builds that end when they are told to, and what became of each. */
function workshop(missing = plans, { atOnce = 2, signal }: { atOnce?: number; signal?: AbortSignal } = {}) {
  const begun: string[] = []
  const outcomes: Record<string, string> = {}
  const endings = new Map<string, (why: string) => void>()
  const build = ({ id }: { id: string }) => {
    begun.push(id)
    return new Promise<string>((resolve) => endings.set(id, resolve))
  }
  const failed = inOrder(missing, build, { atOnce, signal, onOutcome: ({ id }, why) => (outcomes[id] = why) })
  return {
    begun,
    outcomes,
    failed: failed.then((plans) => plans.map(({ id }) => id)),
    async end(id: string, why = '') {
      endings.get(id)?.(why)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

test('an image is built once its base is, two at a time, in the order of the plan', async () => {
  const { begun, failed, end } = workshop()
  expect(begun).toEqual(['base'])
  await end('base')
  expect(begun).toEqual(['base', 'java', 'javascript'])
  await end('javascript')
  expect(begun).toEqual(['base', 'java', 'javascript', 'typescript'])
  await end('java')
  expect(begun).toEqual(['base', 'java', 'javascript', 'typescript', 'python'])
  await end('python')
  await end('typescript')
  expect(await failed).toEqual([])
})

test('what stands on a failure is left out, the rest is built', async () => {
  const { begun, outcomes, failed, end } = workshop()
  await end('base')
  await end('javascript', 'exit code 1')
  await end('java')
  await end('python')
  expect(await failed).toEqual(['javascript', 'typescript'])
  expect(begun).toEqual(['base', 'java', 'javascript', 'python'])
  expect(outcomes).toEqual({
    base: '',
    java: '',
    javascript: 'exit code 1',
    typescript: 'the image it is built on, bugghost/javascript, could not be built',
    python: '',
  })
})

test('a failure at the bottom leaves all out', async () => {
  const { begun, failed, end } = workshop()
  await end('base', 'no network')
  expect(await failed).toEqual(plans.map(({ id }) => id))
  expect(begun).toEqual(['base'])
})

test('a base that is there already is not waited for', async () => {
  const { begun, failed, end } = workshop(plans.slice(3, 4))
  expect(begun).toEqual(['typescript'])
  await end('typescript')
  expect(await failed).toEqual([])
})

test('told to stop, it begins nothing more and waits for what is under way', async () => {
  const ending = new AbortController()
  const { begun, failed, end } = workshop(plans, { atOnce: 1, signal: ending.signal })
  await end('base')
  ending.abort()
  await end('java', 'stopped')
  expect(await failed).toEqual(['java', 'javascript', 'typescript', 'python'])
  expect(begun).toEqual(['base', 'java'])
})

test.each([
  [
    'Step 3/9 : RUN apt-get update  && apt-get install gcc',
    { step: 3, steps: 9, what: 'RUN apt-get update && apt-get install gcc' },
  ],
  ['#7 [3/9] COPY *.c /agent/', { step: 3, steps: 9, what: 'COPY *.c /agent/' }],
  ['#7 [stage-1 2/4] RUN true', { step: 2, steps: 4, what: 'RUN true' }],
  ['#7 0.311 Get:1 http://deb.debian.org/debian', null],
  [' ---> Running in 7b3d1b9a', null],
])('of the line %j the place is %j', (line, progress) => expect(placeIn(line)).toEqual(progress))

test('of what npm says, its options are left out and what is wrong is kept', () => {
  const wrong = ['npm error code EUSAGE', 'npm error Missing: lodash@4.18.1 from lock file']
  expect(withoutUsage([...wrong, 'npm error Usage:', 'npm error npm ci', 'npm error Options:'])).toEqual(wrong)
  expect(withoutUsage(wrong)).toEqual(wrong)
})

test.each([
  ['none is all of them', [], ['base', 'java', 'javascript', 'typescript', 'python']],
  [
    'one brings what it stands on, in the order they are built',
    ['typescript', 'python'],
    ['base', 'javascript', 'typescript', 'python'],
  ],
  ['one version is named with an @', ['java@1'], ['base', 'java']],
])('of the languages that are chosen, %s', (_, only, built) => {
  expect(chosenPlans(plans, only).map(({ id }) => id)).toEqual(built)
})

test.each([['cobol'], ['python@2.7'], ['base']])('%s cannot be chosen, and what can is said', (name) => {
  expect(() => chosenPlans(plans, ['java', name])).toThrow(
    `There is no ${name} to build. There are java, javascript, typescript, python`,
  )
})
