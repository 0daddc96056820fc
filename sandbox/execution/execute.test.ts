import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultLimits, MiB, requestLimits } from '../../protocol/limits.ts'
import type { UnnumberedEvent } from '../../protocol/run.ts'
import type { Execution, Job } from '../executor.ts'
import type { Lease } from '../pool/pool.ts'
import { jobWith, manifestWith } from '../testing/example-language.ts'
import { createFakeSandbox, type FakeSandbox, fakeSpec } from '../testing/fake-sandbox.ts'
import { quietExit } from '../testing/quiet-exit.ts'
import { execute } from './execute.ts'
import type { Exit } from './frames.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const interpreted = manifestWith({ memory_messages: ['out of memory'] })
const compiled = manifestWith({ compile: { argv: ['compile'] }, memory_messages: ['out of memory'] })

/** A run whose sandbox the test hands out, and then speaks for. */
function begin(job: Partial<Job> = {}, manifest = interpreted) {
  const sandbox = createFakeSandbox(fakeSpec())
  const release = vi.fn(() => void sandbox.destroy())
  const lease: Lease = { sandbox, acquired: { from: 'waiting', queuedMs: 0, makingMs: 0 }, release }
  const place = Promise.withResolvers<Lease>()
  const incident = vi.fn((_what: string, _cause: unknown) => 'i-1')
  let wanted: AbortSignal | undefined
  const execution = execute({
    job: jobWith(job),
    manifest,
    image: 'example:1',
    imageDigest: 'sha256:1',
    acquire(signal) {
      wanted = signal
      signal.addEventListener('abort', () => place.reject(signal.reason), { once: true })
      return place.promise
    },
    clock: () => Date.now(),
    incident,
  })
  return {
    execution,
    sandbox,
    release,
    incident,
    isWanted: () => wanted?.aborted === false,
    refuse: (error: Error) => place.reject(error),
    grant: () => place.resolve(lease),
    /** Hands the sandbox out and waits until it has been sent the run. */
    async start() {
      place.resolve(lease)
      await sandbox.firstSend
    },
  }
}
type Begun = ReturnType<typeof begin>

async function readAll(execution: Execution): Promise<UnnumberedEvent[]> {
  const events: UnnumberedEvent[] = []
  for await (const event of execution.events) events.push(event)
  expect(events.filter((event) => event.type === 'finished')).toEqual(events.slice(-1))
  return events
}

/** A word per event, which is enough to see their order. */
function story(events: UnnumberedEvent[]): string[] {
  return events.map((event) => {
    switch (event.type) {
      case 'started':
        return `started ${event.stage}`
      case 'output':
        return `${event.stream} ${event.text}`
      case 'input':
        return `input ${event.text}`
      case 'finished':
        return event.verdict.kind
      default:
        return event.type
    }
  })
}

const endingOf = (events: UnnumberedEvent[]) => {
  const last = events.at(-1)
  if (last?.type !== 'finished') throw new Error('it has not ended')
  return last
}
const verdictIn = (events: UnnumberedEvent[]) => endingOf(events).verdict

const said = (sandbox: FakeSandbox) => sandbox.received.map(({ type }) => type).join('')
const print = (sandbox: FakeSandbox, text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
  sandbox.say({ type: 'output', stream, bytes: Buffer.from(text) })
function exit(sandbox: FakeSandbox, exit: Partial<Exit> = {}): void {
  sandbox.say({ type: 'done', exit: { ...quietExit, last: exit.stage !== 'compile', ...exit } })
}
function run(sandbox: FakeSandbox, ending: Partial<Exit> = {}, text = ''): void {
  sandbox.say({ type: 'begin', stage: 'run' })
  if (text) print(sandbox, text)
  exit(sandbox, ending)
}

describe('a run', () => {
  test('is sent whole in one piece: files, steps, input, its end, and the go', async () => {
    const { sandbox, start, execution } = begin({ stdin: Buffer.from('in') })
    await start()
    expect(said(sandbox)).toBe('FSIEG')
    expect(execution).toMatchObject({ image: 'example:1', imageDigest: 'sha256:1' })
    execution.cancel('user')
  })

  test('with two stages sends two steps', async () => {
    const { sandbox, start } = begin({}, compiled)
    await start()
    expect(said(sandbox)).toBe('FSSEG')
  })

  test('tells what happens in its order, with the time since it was asked for', async () => {
    const { execution, sandbox, start } = begin()
    await vi.advanceTimersByTimeAsync(200)
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    await vi.advanceTimersByTimeAsync(100)
    print(sandbox, 'one')
    await vi.advanceTimersByTimeAsync(1)
    print(sandbox, 'two', 'stderr')
    exit(sandbox)
    expect((await readAll(execution)).map((event) => [event.at, ...story([event])])).toEqual([
      [200, 'started run'],
      [300, 'stdout one'],
      [301, 'stderr two'],
      [301, 'exited'],
    ])
  })

  test('gives its sandbox back when it has ended', async () => {
    const { execution, sandbox, start, release } = begin()
    await start()
    run(sandbox)
    await execution.finished
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('ends once: what the sandbox says after that is not heard', async () => {
    const { execution, sandbox, start, release } = begin()
    await start()
    run(sandbox, {}, 'done')
    print(sandbox, 'and more')
    exit(sandbox, { exitCode: 1 })
    sandbox.die('its stream ended')
    execution.cancel('user')
    expect(story(await readAll(execution))).toEqual(['started run', 'stdout done', 'exited'])
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('that nobody reads ends all the same', async () => {
    const { execution, sandbox, start, release } = begin()
    await start()
    run(sandbox, {}, 'done')
    await execution.finished
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('shows output that was held back to be merged, also when nothing follows it', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    const events = execution.events[Symbol.asyncIterator]()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, 'a')
    print(sandbox, 'b')
    await vi.advanceTimersByTimeAsync(50)
    const seen = [(await events.next()).value, (await events.next()).value, (await events.next()).value]
    expect(story(seen as UnnumberedEvent[])).toEqual(['started run', 'stdout a', 'stdout b'])
    execution.cancel('user')
  })

  test('says what it used, of all stages, and what the program alone wrote', async () => {
    const { execution, sandbox, start } = begin({}, compiled)
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    exit(sandbox, { stage: 'compile', cpuMs: 200.1, wallMs: 100, memoryPeakBytes: 9_000, stderrBytes: 50 })
    run(sandbox, {
      exitCode: null,
      signal: 11,
      cpuMs: 0.2,
      wallMs: 1.5,
      memoryPeakBytes: 7_000,
      stdoutBytes: 3,
      truncated: { stdout: true, stderr: false },
    })
    expect(endingOf(await readAll(execution))).toEqual({
      type: 'finished',
      at: 0,
      verdict: { kind: 'signaled', signal: 'SIGSEGV' },
      exit_code: 139,
      signal: 'SIGSEGV',
      oom: false,
      usage: { cpu_ms: 200.3, memory_peak_bytes: 9_000 },
      duration_ms: 101.5,
      stdout_bytes: 3,
      stderr_bytes: 0,
      truncated: { stdout: true, stderr: false },
    })
  })
})

test('a run never used more memory than there was', async () => {
  const { execution, sandbox, start } = begin({ limits: { ...defaultLimits, memory_bytes: 64 * MiB } })
  await start()
  run(sandbox, { memoryPeakBytes: 70 * MiB })
  expect(endingOf(await readAll(execution)).usage.memory_peak_bytes).toBe(64 * MiB)
})

describe('two stages', () => {
  test('follow each other when the first one succeeds', async () => {
    const { execution, sandbox, start } = begin({}, compiled)
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    print(sandbox, 'a warning', 'stderr')
    exit(sandbox, { stage: 'compile' })
    run(sandbox, { exitCode: 3 }, 'hello')
    const events = await readAll(execution)
    expect(story(events)).toEqual(['started compile', 'stderr a warning', 'started run', 'stdout hello', 'exited'])
    expect(events.map((event) => (event.type === 'output' ? event.stage : ''))).toEqual(['', 'compile', '', 'run', ''])
    expect(endingOf(events).exit_code).toBe(3)
  })

  test('end with the first when it fails', async () => {
    const { execution, sandbox, start, release } = begin({}, compiled)
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    print(sandbox, 'Main.ex:1: error', 'stderr')
    exit(sandbox, { stage: 'compile', exitCode: 1, stderrBytes: 16 })
    const events = await readAll(execution)
    expect(story(events)).toEqual(['started compile', 'stderr Main.ex:1: error', 'compile-failed'])
    expect(endingOf(events)).toMatchObject({ verdict: { exit_code: 1 }, exit_code: 1, stderr_bytes: 0 })
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('have no exit code when the second never ended', async () => {
    const { execution, sandbox, start } = begin({}, compiled)
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    exit(sandbox, { stage: 'compile' })
    sandbox.say({ type: 'begin', stage: 'run' })
    sandbox.die('its stream ended')
    expect(endingOf(await readAll(execution))).toMatchObject({
      verdict: { kind: 'sandbox-failed' },
      exit_code: null,
      signal: null,
    })
  })

  test('have an output limit each', async () => {
    const limits = { ...defaultLimits, output_bytes: 4, compile: { ...defaultLimits.compile, output_bytes: 3 } }
    const print3And = async (text: string) => {
      const { execution, sandbox, start } = begin({ limits }, compiled)
      await start()
      sandbox.say({ type: 'begin', stage: 'compile' })
      print(sandbox, 'abc')
      exit(sandbox, { stage: 'compile' })
      run(sandbox, {}, text)
      return verdictIn(await readAll(execution)).kind
    }
    expect([await print3And('abcd'), await print3And('abcde')]).toEqual(['exited', 'sandbox-failed'])
  })

  test('name the limit of the stage that reached it', async () => {
    const { execution, sandbox, start } = begin({}, compiled)
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    exit(sandbox, { stage: 'compile', exitCode: null, signal: 9, stoppedBy: 'wall-time', wallMs: 30_001 })
    expect(endingOf(await readAll(execution)).limit).toEqual({
      name: 'wall_time_ms',
      stage: 'compile',
      value: 30_000,
      used: 30_001,
    })
  })
})

describe('usage', () => {
  test('is told while the program runs: of all stages so far, and never more memory than there is', async () => {
    const { execution, sandbox, start } = begin({}, compiled)
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    sandbox.say({ type: 'usage', cpuMs: 200, memoryBytes: 1_000 })
    exit(sandbox, { stage: 'compile', cpuMs: 300 })
    sandbox.say({ type: 'begin', stage: 'run' })
    sandbox.say({ type: 'usage', cpuMs: 50.0004, memoryBytes: 300 * MiB })
    exit(sandbox)
    const told = (await readAll(execution)).filter((event) => event.type === 'usage')
    expect(told).toEqual([
      { type: 'usage', at: 0, stage: 'compile', cpu_ms: 200, memory_bytes: 1_000 },
      { type: 'usage', at: 0, stage: 'run', cpu_ms: 350, memory_bytes: 256 * MiB },
    ])
  })

  test('four times a second is believed, for as long as it takes', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    for (let told = 0; told < 39; told++) {
      await vi.advanceTimersByTimeAsync(250)
      sandbox.say({ type: 'usage', cpuMs: 1, memoryBytes: 1 })
    }
    exit(sandbox)
    expect(verdictIn(await readAll(execution)).kind).toBe('exited')
  })
})

const asked = manifestWith({ stacks: { signal: 'SIGQUIT', from: 'stderr' } })

describe('stacks', () => {
  const answer = (sandbox: FakeSandbox, text: string) => sandbox.say({ type: 'stacks', bytes: Buffer.from(text) })

  test('that came on a stream of a program that then ended well are its output', async () => {
    const { execution, sandbox, start } = begin({}, asked)
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, 'before, ', 'stderr')
    answer(sandbox, 'after')
    exit(sandbox, { asked: true, stderrBytes: 8 })
    const events = await readAll(execution)
    expect(events.flatMap((event) => (event.type === 'output' ? [event.text] : [])).join('')).toBe('before, after')
    expect(endingOf(events)).toMatchObject({ stderr_bytes: 13, verdict: { kind: 'exited' } })
  })

  test('given back as output are cut at its limit', async () => {
    const { execution, sandbox, start } = begin({ limits: { ...defaultLimits, output_bytes: 10 } }, asked)
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, 'before, ', 'stderr')
    answer(sandbox, 'after')
    exit(sandbox, { asked: true, stderrBytes: 8 })
    const ending = endingOf(await readAll(execution))
    expect(ending).toMatchObject({ stderr_bytes: 13, truncated: { stderr: true } })
  })

  test('of a program that was stopped are no output', async () => {
    const { execution, sandbox, start } = begin({}, asked)
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    answer(sandbox, 'SIGQUIT: quit')
    exit(sandbox, { exitCode: null, signal: 9, asked: true, stoppedBy: 'wall-time' })
    expect(story(await readAll(execution))).toEqual(['started run', 'time-limit'])
  })
})

describe('a terminal', () => {
  const tty = { columns: 80, rows: 24 }

  test('gets another size when it is told one, before there is a sandbox too', async () => {
    const { execution, sandbox, start } = begin({ tty })
    expect(execution.resize({ columns: 90, rows: 30 })).toBe(true)
    expect(execution.resize({ columns: 100, rows: 30 })).toBe(true)
    await start()
    expect(execution.resize({ columns: 110, rows: 30 })).toBe(true)
    const sizes = sandbox.received.flatMap(({ type, payload }) => (type === 'W' ? [payload.readUInt16BE(0)] : []))
    expect(sizes).toEqual([100, 110])
    run(sandbox)
    const events = await readAll(execution)
    expect(story(events)).toEqual(['resize', 'resize', 'resize', 'started run', 'exited'])
    expect(execution.resize(tty)).toBe(false)
  })

  test('is not there to be resized in a run that has none', () => {
    expect(begin().execution.resize(tty)).toBe(false)
  })
})

describe('files that are kept', () => {
  const keeping = { artifacts: ['*.png'] }
  const file = (sandbox: FakeSandbox, path: string, content: string) => {
    sandbox.say({ type: 'file', kind: 'artifact', path: Buffer.from(path), bytes: content.length })
    if (content) sandbox.say({ type: 'chunk', bytes: Buffer.from(content) })
  }

  test('come after the program has ended and before that is said', async () => {
    const { execution, sandbox, start, release } = begin(keeping)
    await start()
    expect(said(sandbox)).toBe('PFSEG')
    run(sandbox, {}, 'done')
    file(sandbox, 'plot.png', 'PNG')
    file(sandbox, 'empty.png', '')
    sandbox.say({ type: 'not-kept', reason: 'too-large', path: Buffer.from('big.png') })
    expect(release).not.toHaveBeenCalled()
    sandbox.say({ type: 'kept' })
    const events = await readAll(execution)
    expect(story(events)).toEqual(['started run', 'stdout done', 'artifact', 'artifact', 'exited'])
    expect(events[2]).toEqual({ type: 'artifact', at: 0, path: 'plot.png', media_type: 'image/png', bytes: 3, content: 'UE5H' })
    expect(endingOf(events).notes).toEqual(['big.png was not kept: it is larger than 2 MiB.'])
  })

  test('are not waited for by somebody who cancels', async () => {
    const { execution, sandbox, start } = begin(keeping)
    await start()
    run(sandbox)
    execution.cancel('user')
    expect(verdictIn(await readAll(execution)).kind).toBe('exited')
  })

  test.each<[string, (sandbox: FakeSandbox) => void]>([
    ['the sandbox is lost', (sandbox) => sandbox.die('its stream ended')],
    ['they never come', () => vi.advanceTimersByTime(5_000)],
  ])('and are lost because %s do not change how the program ended', async (_, happens) => {
    const { execution, sandbox, start, incident } = begin(keeping)
    await start()
    run(sandbox)
    happens(sandbox)
    const { verdict, notes } = endingOf(await readAll(execution))
    expect([verdict.kind, notes]).toEqual(['exited', ['Files of this run were lost (i-1).']])
    expect(incident).toHaveBeenCalledTimes(1)
  })
})

describe('memory', () => {
  test('is the verdict when the runtime says so and fails', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, 'Fatal: out of', 'stderr')
    print(sandbox, ' memory, again', 'stderr')
    exit(sandbox, { exitCode: null, signal: 6 })
    expect(endingOf(await readAll(execution))).toMatchObject({
      verdict: { kind: 'memory-limit' },
      oom: true,
      exit_code: 134,
      signal: 'SIGABRT',
    })
  })

  test.each([
    ['says it on stdout', 'stdout', 'out of memory', ''],
    ['said it long before it failed', 'stderr', 'out of memory', 'x'.repeat(10_000)],
  ] as const)('is not the verdict when the program %s', async (_, stream, message, more) => {
    const { execution, sandbox, start } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, message + more, stream)
    exit(sandbox, { exitCode: 1 })
    expect(verdictIn(await readAll(execution))).toEqual({ kind: 'exited', exit_code: 1 })
  })

  test('is not the verdict when only the compiler quoted it', async () => {
    const { execution, sandbox, start } = begin({}, compiled)
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    print(sandbox, 'warning: "out of memory" is never thrown', 'stderr')
    exit(sandbox, { stage: 'compile' })
    run(sandbox, { exitCode: 1 })
    expect(verdictIn(await readAll(execution))).toEqual({ kind: 'exited', exit_code: 1 })
  })

  test('killed a child of a program that coped: told beside the verdict', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    run(sandbox, { oomKilled: true })
    expect(endingOf(await readAll(execution))).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 }, oom: true })
  })
})

describe('cancel', () => {
  test('before there is a sandbox gives the place up at once', async () => {
    const { execution, isWanted, incident } = begin()
    expect(isWanted()).toBe(true)
    execution.cancel('user')
    expect(isWanted()).toBe(false)
    expect(story(await readAll(execution))).toEqual(['cancelled'])
    expect(incident).not.toHaveBeenCalled()
  })

  test('just as there is a sandbox never starts the program, and gives the sandbox back', async () => {
    const { execution, sandbox, grant, release } = begin()
    grant()
    execution.cancel('user')
    const events = await readAll(execution)
    expect(verdictIn(events)).toEqual({ kind: 'cancelled', by: 'user' })
    expect(sandbox.received).toEqual([])
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('of a running program asks the agent, keeps the output, and says who it was', async () => {
    const { execution, sandbox, start, release } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, 'so far')
    execution.cancel('user')
    execution.cancel('shutdown')
    expect(said(sandbox)).toBe('FSEGX')
    exit(sandbox, { exitCode: null, signal: 9, stoppedBy: 'cancel' })
    const events = await readAll(execution)
    expect(story(events)).toEqual(['started run', 'stdout so far', 'cancelled'])
    expect(endingOf(events)).toMatchObject({ verdict: { by: 'user' }, exit_code: 137, signal: 'SIGKILL' })
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('does not wait for an agent that says nothing more', async () => {
    const { execution, sandbox, start, release } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    execution.cancel('shutdown')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(verdictIn(await readAll(execution))).toEqual({ kind: 'cancelled', by: 'shutdown' })
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('of a sandbox that dies of it is a cancel, not our failure', async () => {
    const { execution, sandbox, start, incident } = begin()
    await start()
    execution.cancel('user')
    sandbox.die('its stream ended')
    expect(verdictIn(await readAll(execution)).kind).toBe('cancelled')
    expect(incident).not.toHaveBeenCalled()
  })

  test('that comes too late changes nothing', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    run(sandbox)
    execution.cancel('user')
    expect(said(sandbox)).toBe('FSEG')
    expect(verdictIn(await readAll(execution))).toEqual({ kind: 'exited', exit_code: 0 })
  })

  test('that meets the end on its way leaves the verdict to the program', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    execution.cancel('user')
    exit(sandbox, { exitCode: 7 })
    expect(verdictIn(await readAll(execution))).toEqual({ kind: 'exited', exit_code: 7 })
  })

  test('is what a reader does that leaves early: the sandbox is given back', async () => {
    const { execution, sandbox, start, release } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    for await (const event of execution.events) if (event.type === 'started') break
    expect(said(sandbox)).toBe('FSEGX')
    exit(sandbox, { exitCode: null, signal: 9, stoppedBy: 'cancel' })
    await execution.finished
    expect(release).toHaveBeenCalledTimes(1)
  })
})

describe('input', () => {
  const inputs = ({ sandbox }: Begun) =>
    sandbox.received.flatMap(({ type, payload }) => (type === 'I' ? [payload.toString()] : type === 'E' ? ['<end>'] : []))

  test('typed before there is a sandbox is waiting when it comes, after what was given up front', async () => {
    const begun = begin({ stdin: Buffer.from('given'), stdinOpen: true })
    expect(begun.execution.write('early')).toBe(true)
    await begun.start()
    expect(inputs(begun)).toEqual(['given', 'early'])
    expect(begun.execution.write('later')).toBe(true)
    expect(begun.execution.endInput()).toBe(true)
    expect(inputs(begun)).toEqual(['given', 'early', 'later', '<end>'])
    run(begun.sandbox)
    expect(story(await readAll(begun.execution))).toEqual(['input early', 'input later', 'input-end', 'started run', 'exited'])
  })

  test('ended before there is a sandbox is sent with its end', async () => {
    const begun = begin({ stdinOpen: true })
    begun.execution.write('all')
    begun.execution.endInput()
    await begun.start()
    expect(inputs(begun)).toEqual(['all', '<end>'])
  })

  test('is not taken when there is no more to come', async () => {
    const begun = begin({ stdin: Buffer.from('given') })
    expect([begun.execution.write('more'), begun.execution.endInput()]).toEqual([false, false])
    await begun.start()
    expect(inputs(begun)).toEqual(['given', '<end>'])
  })

  test('is not taken after its end', async () => {
    const begun = begin({ stdinOpen: true })
    await begun.start()
    begun.execution.endInput()
    expect([begun.execution.write('more'), begun.execution.endInput()]).toEqual([false, false])
    expect(inputs(begun)).toEqual(['<end>'])
  })

  test('is not taken when the run has ended', async () => {
    const begun = begin({ stdinOpen: true })
    await begun.start()
    run(begun.sandbox)
    const { execution } = begun
    expect([execution.write('more'), execution.endInput(), execution.signal('SIGINT')]).toEqual([false, false, false])
    expect(story(await readAll(execution))).toEqual(['started run', 'exited'])
  })

  test('is taken up to its limit, counted in bytes, and not beyond', async () => {
    const begun = begin({ stdinOpen: true })
    await begun.start()
    const half = 'é'.repeat(requestLimits.stdinBytes / 4)
    expect([begun.execution.write(half), begun.execution.write(half), begun.execution.write('x')]).toEqual([true, true, false])
    expect(inputs(begun).join('').length).toBe(half.length * 2)
  })

  test('of no characters is taken and not worth an event', async () => {
    const { execution, sandbox, start } = begin({ stdinOpen: true })
    await start()
    expect(execution.write('')).toBe(true)
    run(sandbox)
    expect(story(await readAll(execution))).toEqual(['started run', 'exited'])
  })

  test('comes after the output it answers', async () => {
    const { execution, sandbox, start } = begin({ stdinOpen: true })
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, 'na')
    print(sandbox, 'me? ')
    execution.write('Ada\n')
    print(sandbox, 'Hello Ada')
    exit(sandbox)
    expect(story(await readAll(execution))).toEqual([
      'started run',
      'stdout na',
      'stdout me? ',
      'input Ada\n',
      'stdout Hello Ada',
      'exited',
    ])
  })
})

test('a program that was refused a socket is told why, where sandboxes refuse them', async () => {
  const { execution, sandbox, start } = begin()
  await start()
  sandbox.say({ type: 'begin', stage: 'run' })
  print(sandbox, 'PermissionError: [Errno 1] Operation not permitted: socket.socket(AF_INET)', 'stderr')
  exit(sandbox, { exitCode: 1 })
  expect(endingOf(await readAll(execution)).notes).toEqual([expect.stringContaining('refuses network sockets')])
})

describe('a signal', () => {
  test('reaches the agent by its number and is told', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    expect(execution.signal('SIGINT')).toBe(true)
    expect(sandbox.received.at(-1)).toEqual({ type: 'K', payload: Buffer.of(2) })
    run(sandbox)
    expect(story(await readAll(execution))).toEqual(['signal', 'started run', 'exited'])
  })

  test('is not taken before there is a program', () => {
    expect(begin().execution.signal('SIGINT')).toBe(false)
  })
})

describe('a failure of ours has a number, and its cause is logged', () => {
  test.each<[string, (begun: Begun) => void | Promise<void>, string, unknown]>([
    [
      'the stream ends without an exit',
      ({ sandbox }) => sandbox.die('its stream ended'),
      'the sandbox was lost',
      'its stream ended',
    ],
    [
      'the agent cannot do it',
      ({ sandbox }) => sandbox.say({ type: 'fault', message: 'no memory' }),
      'the agent could not run it',
      'no memory',
    ],
    ['the agent is ready twice', ({ sandbox }) => sandbox.say({ type: 'ready' }), 'the agent said it was ready twice', undefined],
    [
      'more output comes than the agent lets through',
      ({ sandbox }) => {
        sandbox.say({ type: 'begin', stage: 'run' })
        for (let sent = 0; sent <= defaultLimits.output_bytes; sent += 65_536) print(sandbox, 'x'.repeat(65_536))
      },
      'the sandbox sent more output than its agent lets through',
      undefined,
    ],
    ['output comes of no stage', ({ sandbox }) => print(sandbox, 'x'), 'the sandbox sent output of no stage', undefined],
    [
      'usage is told without end',
      ({ sandbox }) => {
        sandbox.say({ type: 'begin', stage: 'run' })
        for (let told = 0; told < 9; told++) sandbox.say({ type: 'usage', cpuMs: 1, memoryBytes: 1 })
      },
      'the sandbox told its usage too often',
      undefined,
    ],
    [
      'usage is told of no stage',
      ({ sandbox }) => sandbox.say({ type: 'usage', cpuMs: 1, memoryBytes: 1 }),
      'the sandbox told the usage of no stage',
      undefined,
    ],
    [
      'stacks come that nobody asked for',
      ({ sandbox }) => {
        sandbox.say({ type: 'begin', stage: 'run' })
        sandbox.say({ type: 'stacks', bytes: Buffer.from('x') })
      },
      'the sandbox sent stacks nobody asked for',
      undefined,
    ],
    [
      'a file comes while the program runs',
      ({ sandbox }) => {
        sandbox.say({ type: 'begin', stage: 'run' })
        sandbox.say({ type: 'file', kind: 'artifact', path: Buffer.from('a'), bytes: 0 })
      },
      'the sandbox sent files before its program had ended',
      undefined,
    ],
    [
      'all files are said to be there while the program runs',
      ({ sandbox }) => sandbox.say({ type: 'kept' }),
      'the sandbox had sent all files before it had',
      undefined,
    ],
    [
      'the stage never was to be',
      ({ sandbox }) => sandbox.say({ type: 'begin', stage: 'compile' }),
      'the sandbox started a stage that was not its turn',
      undefined,
    ],
    [
      'a stage starts twice',
      ({ sandbox }) => {
        sandbox.say({ type: 'begin', stage: 'run' })
        sandbox.say({ type: 'begin', stage: 'run' })
      },
      'the sandbox started a stage that was not its turn',
      undefined,
    ],
    [
      'a stage ends that never began',
      ({ sandbox }) => exit(sandbox),
      'the sandbox ended a stage that had not started',
      undefined,
    ],
  ])('when %s', async (_, happens, what, cause) => {
    const begun = begin()
    await begun.start()
    await happens(begun)
    expect(verdictIn(await readAll(begun.execution))).toEqual({ kind: 'sandbox-failed', incident: 'i-1' })
    expect(begun.incident).toHaveBeenCalledExactlyOnceWith(what, cause)
    expect(begun.release).toHaveBeenCalledTimes(1)
  })

  test('when no sandbox could be had', async () => {
    const { execution, refuse, incident } = begin()
    const cause = new Error('the engine did not answer "create" within 15 s')
    refuse(cause)
    expect(story(await readAll(execution))).toEqual(['sandbox-failed'])
    expect(incident).toHaveBeenCalledExactlyOnceWith('no sandbox could be had', cause)
  })

  test('when the files cannot be packed: the sandbox that came meanwhile is given back', async () => {
    const { execution, grant, release } = begin({ files: [{ path: 'main.ex', content: undefined as never }] })
    grant()
    expect(verdictIn(await readAll(execution)).kind).toBe('sandbox-failed')
    await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1))
  })

  test('when the agent never reports: it is given every stage’s time and a little more', async () => {
    const { execution, sandbox, start, incident, release } = begin(
      { limits: { ...defaultLimits, wall_time_ms: 2_000 } },
      compiled,
    )
    await start()
    sandbox.say({ type: 'begin', stage: 'compile' })
    await vi.advanceTimersByTimeAsync(30_000 + 2_000 + 4_999)
    expect(incident).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(incident).toHaveBeenCalledExactlyOnceWith('the agent did not end the run in time', undefined)
    expect(verdictIn(await readAll(execution)).kind).toBe('sandbox-failed')
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('and the output until then is kept', async () => {
    const { execution, sandbox, start } = begin()
    await start()
    sandbox.say({ type: 'begin', stage: 'run' })
    print(sandbox, 'so ')
    print(sandbox, 'far')
    sandbox.die('its stream broke')
    expect(story(await readAll(execution))).toEqual(['started run', 'stdout so ', 'stdout far', 'sandbox-failed'])
  })
})

test('a run that has ended leaves no timer behind', async () => {
  const { execution, sandbox, start } = begin()
  await start()
  sandbox.say({ type: 'begin', stage: 'run' })
  print(sandbox, 'a')
  print(sandbox, 'b')
  exit(sandbox)
  await execution.finished
  expect(vi.getTimerCount()).toBe(0)
})
