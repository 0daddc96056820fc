import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultLimits, requestLimits } from '../../protocol/limits.ts'
import type { UnnumberedEvent } from '../../protocol/run.ts'
import { jobWith, manifestWith } from '../testing/example-language.ts'
import { createFakeSandbox, fakeSpec } from '../testing/fake-sandbox.ts'
import { execute } from './execute.ts'
import { createFrameDecoder, FrameError } from './frames.ts'

// What comes out of a container may be anything: a program that found the agent's pipe writes there what it likes.
// Whatever it is, the run ends once, with a verdict, and the server lives.

const patience = { timeout: 60_000 }

/** Feeds a run with these chunks as its sandbox would, then closes the stream, and reads the run to its end. */
async function runFedWith(chunks: readonly Uint8Array[]): Promise<{ events: UnnumberedEvent[]; incidents: number }> {
  const sandbox = createFakeSandbox(fakeSpec())
  let incidents = 0
  const execution = execute({
    job: jobWith({ artifacts: ['**'] }),
    manifest: manifestWith({ compile: { argv: ['compile'] } }),
    image: 'example:1',
    imageDigest: 'sha256:1',
    acquire: async () => ({
      sandbox,
      acquired: { from: 'waiting', queuedMs: 0, makingMs: 0 },
      release: () => void sandbox.destroy(),
    }),
    clock: () => 0,
    incident: () => `i-${++incidents}`,
  })
  const reading = (async () => {
    const events: UnnumberedEvent[] = []
    for await (const event of execution.events) events.push(event)
    return events
  })()
  await sandbox.firstSend
  const decode = createFrameDecoder()
  try {
    for (const chunk of chunks) for (const frame of decode(chunk)) sandbox.say(frame)
    sandbox.die('its stream ended')
  } catch (error) {
    // What the engine's side of a sandbox does with bytes that are no frames; anything else is a defect.
    if (!(error instanceof FrameError)) throw error
    sandbox.die(error.message)
  }
  return { events: await reading, incidents }
}

function expectOneEnd({ events, incidents }: Awaited<ReturnType<typeof runFedWith>>): void {
  const ends = events.filter((event) => event.type === 'finished')
  expect(ends).toEqual(events.slice(-1))
  if (ends[0]?.verdict.kind === 'sandbox-failed') expect(incidents).toBe(1)
  const output = events.reduce((sum, event) => sum + (event.type === 'output' ? event.text.length : 0), 0)
  expect(output).toBeLessThanOrEqual(defaultLimits.output_bytes + defaultLimits.compile.output_bytes)
  const kept = events.reduce((sum, event) => sum + (event.type === 'artifact' ? event.bytes : 0), 0)
  expect(kept).toBeLessThanOrEqual(requestLimits.artifactsBytes)
}

function frame(type: string, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeUInt32BE(payload.length, 1)
  return Buffer.concat([head, payload])
}

const exit = (stage: number, last: boolean): Buffer => {
  const payload = Buffer.alloc(48)
  payload[0] = stage
  payload[3] = last ? 16 : 0
  return frame('D', payload)
}
const file = Buffer.concat([Buffer.of(0, 0, 0, 0, 0, 0, 0, 0, 2), Buffer.from('a.png')])
/** A whole, honest conversation: compile, run, one file. */
const honest: readonly Buffer[] = [
  frame('B', Buffer.of(0)),
  exit(0, false),
  frame('B', Buffer.of(1)),
  frame('O', Buffer.from('hello\n')),
  frame('U', Buffer.alloc(16)),
  exit(1, true),
  frame('A', file),
  frame('C', Buffer.from('hi')),
  frame('Z', Buffer.alloc(0)),
]

/** Cuts bytes into pieces of any size, as a stream may. */
const inPieces = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = []
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = Math.max(1, sizes[n % sizes.length] ?? 1)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })
const kinds = fc.constantFrom(...'RBOTUHACNZD!'.split(''), '?', '\0')
const anyFrame = fc.tuple(kinds, fc.uint8Array({ maxLength: 64 })).map(([type, payload]) => frame(type, payload))

test('the honest conversation ends well, in pieces of any size', patience, () =>
  fc.assert(
    fc.asyncProperty(sizes, async (cuts) => {
      const { events, incidents } = await runFedWith(inPieces(Buffer.concat(honest), cuts))
      expect(events.at(-1)).toMatchObject({ type: 'finished', verdict: { kind: 'exited', exit_code: 0 } })
      expect(events.find((event) => event.type === 'artifact')).toMatchObject({ path: 'a.png', bytes: 2 })
      expect(incidents).toBe(0)
    }),
    { numRuns: 60 },
  ),
)

test('any bytes at all', patience, () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), async (chunks) => {
      const run = await runFedWith(chunks)
      expectOneEnd(run)
      expect(run.events.at(-1)).toMatchObject({ verdict: { kind: 'sandbox-failed' } })
    }),
    { numRuns: 300 },
  ),
)

test('any frames in any order', patience, () =>
  fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { maxLength: 30 }), sizes, async (frames, cuts) =>
      expectOneEnd(await runFedWith(inPieces(Buffer.concat(frames), cuts))),
    ),
    { numRuns: 300 },
  ),
)

test('the honest conversation with frames left out, repeated, moved and put between', patience, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.integer({ min: 0, max: honest.length - 1 }).map((index) => honest[index]!),
          anyFrame,
        ),
        { maxLength: 30 },
      ),
      async (frames) => expectOneEnd(await runFedWith(frames)),
    ),
    { numRuns: 300 },
  ),
)

test('the honest conversation cut off anywhere: only with the last ending is there one', patience, async () => {
  const whole = Buffer.concat(honest)
  const told = Buffer.concat(honest.slice(0, 6)).length
  for (let length = 0; length < whole.length; length++) {
    const run = await runFedWith([whole.subarray(0, length)])
    expectOneEnd(run)
    expect(run.events.at(-1)).toMatchObject({ verdict: { kind: length < told ? 'sandbox-failed' : 'exited' } })
  }
})

test('a length that is no length ends the run before anything of that size is held', async () => {
  const head = Buffer.alloc(5)
  head.write('O', 0)
  head.writeUInt32BE(0xffff_ffff, 1)
  const run = await runFedWith([frame('B', Buffer.of(0)), head])
  expectOneEnd(run)
  expect(run.events.at(-1)).toMatchObject({ verdict: { kind: 'sandbox-failed' } })
})

test.each([
  ['more output than was allowed', Array.from({ length: 40 }, () => frame('O', Buffer.alloc(64 * 1024, 'x')))],
  ['a flood of usage', Array.from({ length: 20_000 }, () => frame('U', Buffer.alloc(16)))],
  ['a flood of stacks', Array.from({ length: 100 }, () => frame('H', Buffer.alloc(64 * 1024, 'x')))],
  ['a flood of files that were not kept', Array.from({ length: 20_000 }, () => frame('N', Buffer.from('\0a')))],
  ['a second readiness', [frame('R', Buffer.alloc(0))]],
])('%s does not fill the server', patience, async (_, flood) => {
  const run = await runFedWith([...honest.slice(0, 3), ...flood])
  expectOneEnd(run)
  expect(run.events.at(-1)).toMatchObject({ verdict: { kind: 'sandbox-failed' } })
  expect(run.events.length).toBeLessThan(1_000)
})
