import { expect, test } from 'vitest'
import { lookOf } from './looks.ts'
import { createScreen } from './screen.ts'

const looksOf = (text: string, source: 'stdout' | 'stderr' | 'input' = 'stdout') => {
  const screen = createScreen()
  screen.take([{ at: 0, stage: 'run', source, text }])
  return lookOf(screen.lines[0]!.runs[0]!)
}

test('plain text has no looks of its own', () => expect(looksOf('x')).toEqual({ className: '', style: {} }))
test('errors and what was typed are told apart', () => {
  expect(looksOf('x', 'stderr').className).toBe('text-bad')
  expect(looksOf('x', 'input').className).toContain('text-accent')
})
test('the sixteen colours are those of the theme', () => expect(looksOf('\x1b[31mx').style).toEqual({ color: 'var(--ansi-1)' }))
test('a colour of the program’s own is made readable on our paper', () =>
  expect(looksOf('\x1b[38;2;255;255;0mx')).toMatchObject({ className: 'ansi-own', style: { '--own': '#ffff00' } }))
test('a pair of colours of the program’s own is kept', () =>
  expect(looksOf('\x1b[38;2;1;2;3;48;2;255;255;0mx').style).toEqual({ color: '#010203', background: '#ffff00' }))
test('text without a colour can be read on a background of the program’s own', () => {
  expect(looksOf('\x1b[48;2;255;255;255mx').style).toMatchObject({ color: '#000' })
  expect(looksOf('\x1b[48;5;16mx').style).toMatchObject({ color: '#fff' })
})
test('inverse text changes paper and ink', () =>
  expect(looksOf('\x1b[31;7mx').style).toEqual({ background: 'var(--ansi-1)', color: 'var(--panel)' }))
test('no text of the program gets into a style', () => {
  const look = looksOf('\x1b[38;2;1;2;3mred;background:url(https://evil.example)')
  expect(JSON.stringify(look)).not.toContain('evil')
})
