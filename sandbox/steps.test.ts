import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../protocol/limits.ts'
import { sandboxSpecOf, stepsOf } from './steps.ts'
import { jobWith, manifestWith } from './testing/example-language.ts'

const files = (...paths: string[]) => paths.map((path) => ({ path, content: new Uint8Array() }))
const interpreted = manifestWith({
  env: { LEVEL: 'language', LANGUAGE: 'yes' },
  run: { argv: ['example', '{entry}'], env: { LEVEL: 'stage' }, warm: { argv: ['example', 'main.ex'], env: { WAIT: '1' } } },
})
const compiled = manifestWith({
  compile: {
    argv: ['compile', '{entry}', '{files}'],
    env: { OPTIMISE: 'no' },
    warm: { argv: ['compile', '--wait'], args: ['{entry}', '{files}'] },
  },
  run: { argv: ['start'], warm: { argv: ['start', '--wait'] } },
})

describe('the steps of a job', () => {
  test('are the run alone where nothing is compiled', () => {
    expect(stepsOf(interpreted, jobWith({ args: ['a', ''] }))).toEqual([
      {
        stage: 'run',
        warm: true,
        argv: ['example', 'main.ex', 'a', ''],
        env: {
          PATH: '/usr/local/bin:/usr/bin:/bin',
          HOME: '/tmp',
          LANG: 'C.UTF-8',
          LEVEL: 'stage',
          LANGUAGE: 'yes',
        },
        wallTimeMs: defaultLimits.wall_time_ms,
        cpuTimeMs: defaultLimits.cpu_time_ms,
        args: ['a', ''],
      },
    ])
  })

  test('are compile, then run; only the run gets the arguments and the environment of the request', () => {
    const steps = stepsOf(compiled, jobWith({ args: ['a'], env: { MINE: '1' } }))
    expect(steps.map(({ stage, argv, args }) => ({ stage, argv, args }))).toEqual([
      { stage: 'compile', argv: ['compile', 'main.ex', 'main.ex'], args: ['main.ex', 'main.ex'] },
      { stage: 'run', argv: ['start', 'a'], args: ['a'] },
    ])
    expect(steps.map(({ env }) => [env.OPTIMISE, env.MINE])).toEqual([
      ['no', undefined],
      [undefined, '1'],
    ])
  })

  test('have the limits of the job, each stage its own', () => {
    const limits = { ...defaultLimits, wall_time_ms: 3_000, cpu_time_ms: 2_000 }
    expect(stepsOf(compiled, jobWith({ limits })).map(({ wallTimeMs, cpuTimeMs }) => [wallTimeMs, cpuTimeMs])).toEqual([
      [3_000, 2_000],
      [3_000, 2_000],
    ])
  })

  test('list every source file and no other', () => {
    const [compile] = stepsOf(compiled, jobWith({ files: files('main.ex', 'lib/other.ex', 'data.txt'), entry: 'main.ex' }))
    expect(compile?.argv).toEqual(['compile', 'main.ex', 'main.ex', 'lib/other.ex'])
  })

  test.each(['my $& file.ex', '$$.ex', "$'.ex", '$1.ex', '{files}.ex'])('take the name of the entry as it is: %s', (entry) => {
    expect(stepsOf(interpreted, jobWith({ files: files(entry), entry }))[0]?.argv).toEqual(['example', entry])
  })

  test('let the request overrule the language, and the stage the language', () => {
    expect(stepsOf(interpreted, jobWith({ env: { LEVEL: 'request', PATH: '/mine' } }))[0]?.env).toMatchObject({
      LEVEL: 'request',
      PATH: '/mine',
      LANGUAGE: 'yes',
    })
  })
})

describe('a runtime that waits', () => {
  test.each([
    ['is used for the file it was started with', interpreted, jobWith(), [true]],
    ['has its environment already', interpreted, jobWith({ env: { A: '1' } }), [false]],
    ['has its main file already', interpreted, jobWith({ files: files('b.ex'), entry: 'b.ex' }), [false]],
    ['is used for any file it is told', compiled, jobWith({ files: files('b.ex'), entry: 'b.ex' }), [true, false]],
    ['does not exist where none can wait', manifestWith(), jobWith(), [false]],
  ])('%s', (_, manifest, job, warm) => {
    expect(stepsOf(manifest, job).map((step) => step.warm)).toEqual(warm)
  })

  test('is started by the agent, each stage with its own environment', () => {
    const spec = sandboxSpecOf({ id: 'example', manifest: compiled, imageId: 'sha256:1' })
    expect(spec.agentArguments).toEqual([
      'stage:compile',
      'env:OPTIMISE=no',
      'arg:compile',
      'arg:--wait',
      'stage:run',
      'arg:start',
      'arg:--wait',
    ])
  })

  test('is started with what makes it wait', () => {
    const spec = sandboxSpecOf({ id: 'example', manifest: interpreted, imageId: 'sha256:1' })
    expect(spec.agentArguments).toEqual(['stage:run', 'env:LEVEL=stage', 'env:WAIT=1', 'arg:example', 'arg:main.ex'])
  })

  test('is left out where none can wait', () => {
    expect(sandboxSpecOf({ id: 'example', manifest: manifestWith(), imageId: 'sha256:1' }).agentArguments).toEqual([])
  })
})

describe('the sandbox of a job', () => {
  const language = { id: 'example', manifest: interpreted, imageId: 'sha256:1' }
  const usual = sandboxSpecOf(language)

  test('is the waiting one when the limits are the usual ones, or only time and output differ', () => {
    const limits = { ...defaultLimits, wall_time_ms: 1, output_bytes: 1 }
    expect(sandboxSpecOf(language, limits)).toEqual(usual)
  })

  test.each([
    ['less memory', { memory_bytes: 64 * 1024 * 1024 }],
    ['fewer processes', { processes: 8 }],
  ])('is another one for %s', (_, change) => {
    expect(sandboxSpecOf(language, { ...defaultLimits, ...change }).key).not.toBe(usual.key)
  })

  test('is another one for another language or image', () => {
    const others = [
      { ...language, id: 'other' },
      { ...language, imageId: 'sha256:2' },
    ]
    for (const other of others) expect(sandboxSpecOf(other).key).not.toBe(usual.key)
  })
})
