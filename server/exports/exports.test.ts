import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { Run, RunEvent } from '../../protocol/run.ts'
import { applyEvents, emptyTranscript } from '../../protocol/transcript.ts'
import { runView } from '../run-view.ts'
import { sampleEnding, sampleRun } from '../sample-run.ts'
import { asAsciicast } from './as-asciicast.ts'
import { asMarkdown } from './as-markdown.ts'
import { asText } from './as-text.ts'
import { asZip } from './as-zip.ts'

const events: RunEvent[] = [
  { seq: 0, at: 500, type: 'started', stage: 'run' },
  { seq: 1, at: 600, type: 'output', stage: 'run', stream: 'stdout', text: 'one\n' },
  { seq: 2, at: 600.4, type: 'output', stage: 'run', stream: 'stderr', text: 'two' },
  { seq: 3, at: 1600, type: 'input', text: 'x\n' },
  { seq: 4, at: 1700, type: 'artifact', path: 'out/a.bin', media_type: 'application/octet-stream', bytes: 2, content: 'AAE=' },
  { seq: 5, at: 2000, type: 'finished', ...sampleEnding, exit_code: 3, verdict: { kind: 'exited', exit_code: 3 } },
]
function run(more: Parameters<typeof sampleRun>[0] = {}): Run {
  const stored = {
    ...sampleRun({ tty: null, ...more }),
    ending: null,
    completedAt: null,
    name: null,
    pinned: false,
    shared: false,
  }
  return runView(stored, applyEvents(emptyTranscript, events), { compiles: false, publicUrl: 'http://ghost' })
}

test('as text it is what was written, and how it ended', () => {
  expect(asText(run(), events)).toBe('one\ntwo\n# Exited with code 3\n')
})

describe('as a recording', () => {
  const lines = (one: Run) =>
    asAsciicast(one, events)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))

  test('it begins with the program and keeps its times, each since the one before', () => {
    expect(lines(run({ createdAt: new Date('2026-01-01T00:00:00Z') }))).toEqual([
      { version: 3, term: { cols: 80, rows: 24 }, timestamp: 1767225600, title: 'python: Exited with code 3' },
      [0.1, 'o', 'one\r\n'],
      [0, 'o', 'two'],
      [1, 'i', 'x\n'],
      [0.4, 'x', '3'],
    ])
  })
  test('of a terminal it has the terminal’s size and its own ends of lines', () => {
    const [header, first] = lines(run({ tty: { columns: 100, rows: 40 } }))
    expect([header.term, first]).toEqual([{ cols: 100, rows: 40 }, [0.1, 'o', 'one\n']])
  })
})

describe('as Markdown', () => {
  test('it has the code, the input, the output and the link', () => {
    const one = run({ stdin: 'in\n', args: ['-v', 'a b'] })
    expect(asMarkdown(one, events, 'python')).toBe(
      `**Exited with code 3** in python 3.13, after 20 ms ([replay](${one.url}))\n\n\`main.py\`\n\n\`\`\`python\nprint("hello")\n\`\`\`\n\nArguments: \`"-v"\` \`"a b"\`\n\nInput:\n\n\`\`\`text\nin\n\`\`\`\n\nOutput:\n\n\`\`\`text\none\ntwo\n\`\`\`\n`,
    )
  })
  test('nothing in it ends its fence', () => {
    const text = asMarkdown(run({ files: [{ path: 'main.py', content: '````\n# out\n```' }] }), events, 'python')
    expect(text).toContain('`````python\n````\n# out\n```\n`````')
  })
})

test('as a zip it has everything', async () => {
  const files = unzipSync(await asZip(run({ stdin: 'in', files: [{ path: 'lib/main.py', content: 'ä' }] }), events))
  expect(Object.keys(files).sort()).toEqual(['files/lib/main.py', 'left/out/a.bin', 'output.txt', 'run.json', 'stdin.txt'])
  expect(Buffer.from(files['left/out/a.bin'] ?? []).toString('hex')).toBe('0001')
  expect(JSON.parse(Buffer.from(files['run.json'] ?? []).toString())).toMatchObject({ exit_code: 3 })
})
