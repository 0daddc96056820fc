import { describe, expect, test } from 'vitest'
import { defaultLimits, requestLimits } from '../../protocol/limits.ts'
import type { Job } from '../executor.ts'
import { jobWith, manifestWith } from '../testing/example-language.ts'
import { keepOf, sandboxSpecOf, stepsOf } from './steps.ts'

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
const flagged = manifestWith({
  run: { argv: ['example', '{flags}', '{entry}'], warm: { argv: ['example', '--wait'], args: ['{flags}', '{entry}'] } },
})
const tested = manifestWith({
  compile: { argv: ['compile'] },
  run: { argv: ['example', '{entry}'], warm: { argv: ['example', '--wait'], args: ['{entry}'] } },
  stacks: { signal: 'SIGQUIT', from: 'stderr' },
  test: {
    framework: 'Checks 1',
    run: { argv: ['check', '{entry}', '{files}'] },
    report: { path: '/tmp/report.xml', format: 'junit-xml' },
    example: { file: 'tests.ex', path: 'test_main.ex' },
  },
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
        terminal: null,
        wallTimeMs: defaultLimits.wall_time_ms,
        cpuTimeMs: defaultLimits.cpu_time_ms,
        outputBytes: defaultLimits.output_bytes,
        stacks: null,
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
    const limits = { ...defaultLimits, wall_time_ms: 3_000, cpu_time_ms: 2_000, output_bytes: 1_000 }
    const of = (limits: Job['limits']) =>
      stepsOf(compiled, jobWith({ limits })).map((step) => [step.wallTimeMs, step.cpuTimeMs, step.outputBytes])
    expect(of({ ...limits, compile: { wall_time_ms: 9_000, cpu_time_ms: 8_000, output_bytes: 7_000 } })).toEqual([
      [9_000, 8_000, 7_000],
      [3_000, 2_000, 1_000],
    ])
  })

  test('have the same limits where the compiler was given none of its own', () => {
    const { compile: _, ...limits } = defaultLimits
    const [compile, run] = stepsOf(compiled, jobWith({ limits: { ...limits, wall_time_ms: 3_000 } }))
    expect([compile?.wallTimeMs, run?.wallTimeMs]).toEqual([3_000, 3_000])
  })

  test('put the flags of the run where the manifest has room for them, each stage its own', () => {
    const manifest = manifestWith({
      compile: { argv: ['compile', '{flags}', '{entry}'] },
      run: { argv: ['start', '{flags}', '{entry}'] },
    })
    const argvOf = (flags: Job['flags']) => stepsOf(manifest, jobWith({ flags })).map(({ argv }) => argv)
    expect(argvOf({ compile: ['-O2', '-g'], run: ['-u'] })).toEqual([
      ['compile', '-O2', '-g', 'main.ex'],
      ['start', '-u', 'main.ex'],
    ])
    expect(argvOf({})).toEqual([
      ['compile', 'main.ex'],
      ['start', 'main.ex'],
    ])
  })

  test('run on a terminal when the job has one; the compiler never does', () => {
    const tty = { columns: 100, rows: 30 }
    const [compile, run] = stepsOf(compiled, jobWith({ tty, env: { TERM: 'dumb' } }))
    expect([compile?.terminal, compile?.env.TERM]).toEqual([null, undefined])
    expect([run?.terminal, run?.env.TERM]).toEqual([tty, 'dumb'])
    expect(stepsOf(interpreted, jobWith({ tty }))[0]?.env.TERM).toBe('xterm-256color')
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

describe('test mode', () => {
  test('runs the framework instead of the program, from a plain start, and does not ask where it is', () => {
    expect(stepsOf(tested, jobWith({ mode: 'test' }))).toMatchObject([
      { stage: 'run', warm: false, argv: ['check', 'main.ex', 'main.ex'], stacks: null },
    ])
  })

  test('keeps the report of the framework', () => {
    expect(keepOf(tested, jobWith({ mode: 'test' }))).toMatchObject({ patterns: [], report: { path: '/tmp/report.xml' } })
  })
})

describe('a format job', () => {
  const formatted = manifestWith({
    env: { LEVEL: 'language' },
    compile: { argv: ['compile'], warm: { argv: ['compile', '--wait'] } },
    run: { argv: ['example', '{entry}'], warm: { argv: ['example', '--wait'], args: ['{entry}'] } },
    stacks: { signal: 'SIGQUIT', from: 'stderr' },
    format: { name: 'Tidy', argv: ['tidy', '--name={entry}', '-'], env: { LEVEL: 'formatter' } },
  })

  test('runs the formatter alone, from a plain start, told the name of the file', () => {
    expect(stepsOf(formatted, jobWith({ mode: 'format', files: [], entry: 'lib/a.ex' }))).toMatchObject([
      { stage: 'run', warm: false, argv: ['tidy', '--name=lib/a.ex', '-'], env: { LEVEL: 'formatter' }, stacks: null },
    ])
  })

  test('leaves nothing to be kept', () => {
    expect(keepOf(formatted, jobWith({ mode: 'format', files: [] }))).toBeNull()
  })

  test('never runs the program of a language that has no formatter', () => {
    expect(() => stepsOf(interpreted, jobWith({ mode: 'format' }))).toThrow('has no formatter')
  })
})

describe('what is kept', () => {
  test('is nothing when nobody asked', () => {
    expect(keepOf(tested, jobWith())).toBeNull()
  })

  test('is what the patterns of the job name, within the limits of every request', () => {
    expect(keepOf(tested, jobWith({ artifacts: ['*.png'] }))).toEqual({
      patterns: ['*.png'],
      files: requestLimits.artifacts,
      fileBytes: requestLimits.artifactBytes,
      totalBytes: requestLimits.artifactsBytes,
      report: null,
    })
  })
})

describe('a program is asked for its stacks', () => {
  const asked = (stacks: object, job: Partial<Job> = {}) => stepsOf(manifestWith({ stacks }), jobWith(job))[0]

  test('as its language says', () => {
    expect(asked({ signal: 'SIGRTMIN+14', from: { file: '/tmp/r' } })?.stacks).toEqual({ signal: 48, from: { file: '/tmp/r' } })
    expect(stepsOf(interpreted, jobWith())[0]?.stacks).toBeNull()
  })

  test('on a socket it is told of', () => {
    expect(asked({ from: 'control' })).toMatchObject({ stacks: { signal: 0, from: 'control' }, env: { BUGGHOST_CONTROL: '3' } })
    expect(asked({ signal: 'SIGQUIT', from: 'stderr' })?.env).not.toHaveProperty('BUGGHOST_CONTROL')
  })

  test('not where the answer would come among what its terminal shows', () => {
    const tty = { columns: 80, rows: 24 }
    expect(asked({ signal: 'SIGQUIT', from: 'stderr' }, { tty })?.stacks).toBeNull()
    expect(asked({ from: 'control' }, { tty })?.stacks).not.toBeNull()
  })
})

describe('a runtime that waits', () => {
  test.each([
    ['is used for the file it was started with', interpreted, jobWith(), [true]],
    ['has its environment already', interpreted, jobWith({ env: { A: '1' } }), [false]],
    ['has its main file already', interpreted, jobWith({ files: files('b.ex'), entry: 'b.ex' }), [false]],
    ['is used for any file it is told', compiled, jobWith({ files: files('b.ex'), entry: 'b.ex' }), [true, false]],
    ['has its pipes already', interpreted, jobWith({ tty: { columns: 80, rows: 24 } }), [false]],
    ['has its command line already', interpreted, jobWith({ flags: { run: ['-u'] } }), [false]],
    ['does not mind the flags of another stage', interpreted, jobWith({ flags: { compile: ['-g'], run: [] } }), [true]],
    ['is told the flags where it can be', flagged, jobWith({ flags: { run: ['-u'] } }), [true]],
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

  test('is another one on a terminal: no runtime waits there, a compiler may', () => {
    const onTerminal = sandboxSpecOf(language, defaultLimits, true)
    expect(onTerminal).toMatchObject({ tty: true, agentArguments: [] })
    expect(onTerminal.key).not.toBe(usual.key)
    const ofCompiled = sandboxSpecOf({ ...language, manifest: compiled }, defaultLimits, true)
    expect(ofCompiled.agentArguments).toEqual(['stage:compile', 'env:OPTIMISE=no', 'arg:compile', 'arg:--wait'])
  })

  test('is another one for another language or image', () => {
    const others = [
      { ...language, id: 'other' },
      { ...language, imageId: 'sha256:2' },
    ]
    for (const other of others) expect(sandboxSpecOf(other).key).not.toBe(usual.key)
  })
})
