import { expect, test, vi } from 'vitest'
import { createSay } from './say.mjs'

function screen(isTTY: boolean) {
  let written = ''
  let now = 0
  const stream = {
    isTTY,
    columns: 30,
    write: (text: string) => {
      written += text
      return true
    },
  }
  return {
    say: createSay({ stream: stream as unknown as NodeJS.WriteStream, now: () => now }),
    pass: (ms: number) => {
      now += ms
      vi.advanceTimersByTime(ms)
    },
    written: () => written,
  }
}

test('where nobody watches, a long step says every ten seconds where it is, without control characters', () => {
  vi.useFakeTimers()
  const { say, pass, written } = screen(false)
  const step = say.step('Building')
  step.at('1/2 FROM')
  pass(9_000)
  step.at('2/2 RUN')
  pass(1_000)
  pass(3_000)
  step.done('two steps')
  pass(60_000)
  vi.useRealTimers()
  expect(written()).toBe('· Building …\n  Building: 2/2 RUN (10 s)\n✓ Building: two steps (13 s)\n')
})

test('on a terminal the progress is one line that fits and goes away', () => {
  vi.useFakeTimers()
  const { say, pass, written } = screen(true)
  const step = say.step('Building')
  pass(1_000)
  const shown = written().split('\r\u001b[K').at(-1)
  step.at('a line that is far too long for such a screen')
  const clipped = written().split('\r\u001b[K').at(-1)
  step.failed('exit code 1', ['no space left'])
  vi.useRealTimers()
  expect(shown).toBe('Building (1 s)')
  expect(clipped).toBe('Building: a line that… (1 s)')
  expect(written().split('\r\u001b[K').at(-1)).toBe('✗ Building: exit code 1 (1 s)\n    no space left\n')
})
