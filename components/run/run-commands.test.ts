import { describe, expect, test } from 'vitest'
import type { ApiClient } from '../../protocol/api-client.ts'
import type { Acknowledgement } from '../../protocol/channel.ts'
import { RunId } from '../../protocol/ids.ts'
import type { RunSocket } from './follow-run.ts'
import { createRunCommands } from './run-commands.ts'

const runId = RunId.parse('k7Vb2mXq9RwTz4HnPs6JcYdF')

function setUp({ connected }: { connected: boolean }) {
  const sent: string[] = []
  const answers: ((answer: Acknowledgement) => void)[] = []
  const socket = {
    connected,
    timeout: () => ({
      emitWithAck: (name: string, message: { data?: string }) => {
        sent.push(`${name} ${message.data ?? ''}`.trim())
        return new Promise<Acknowledgement>((resolve) => answers.push(resolve))
      },
    }),
  }
  const api = (name: string, { body }: { body?: object }) => {
    sent.push(`${name} ${JSON.stringify(body ?? {})}`)
    return Promise.resolve({})
  }
  return { sent, answers, run: createRunCommands(api as unknown as ApiClient, socket as unknown as RunSocket, runId) }
}
const done: Acknowledgement = { ok: true }

describe('what is typed', () => {
  test('is sent line by line, each when the one before it has arrived', async () => {
    const { run, sent, answers } = setUp({ connected: true })
    const first = run.type('a\n')
    const second = run.type('b\n')
    await Promise.resolve()
    expect(sent).toEqual(['run:stdin a'])
    answers[0]!(done)
    await first
    await expect.poll(() => sent).toEqual(['run:stdin a', 'run:stdin b'])
    answers[1]!(done)
    await second
  })

  test('goes on after a line that was refused', async () => {
    const { run, sent, answers } = setUp({ connected: true })
    const first = run.type('a\n')
    const end = run.endInput()
    await expect.poll(() => sent).toEqual(['run:stdin a'])
    answers[0]!({ ok: false, error: { code: 'conflict', message: 'It has ended.' } })
    await expect(first).rejects.toMatchObject({ code: 'conflict', message: 'It has ended.' })
    await expect.poll(() => sent).toEqual(['run:stdin a', 'run:stdin-end'])
    answers[1]!(done)
    await end
  })

  test('goes by HTTP where there is no socket', async () => {
    const { run, sent } = setUp({ connected: false })
    await run.type('a\n')
    await run.endInput()
    expect(sent).toEqual(['writeStdin {"data":"a\\n"}', 'writeStdin {"end":true}'])
  })
})

test('stopping does not wait for what is being typed', async () => {
  const { run, sent } = setUp({ connected: true })
  void run.type('a\n')
  void run.stop()
  await expect.poll(() => sent).toEqual(expect.arrayContaining(['run:stdin a', 'run:cancel']))
})
