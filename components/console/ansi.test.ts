import { describe, expect, test } from 'vitest'
import { createAnsiReader, type Piece, paletteColour, plainStyle, type Style } from './ansi.ts'

const read = (...chunks: string[]): Piece[] => {
  const reader = createAnsiReader()
  return chunks.flatMap((chunk) => reader.read(chunk))
}
const text = (text: string, style: Partial<Style> = {}): Piece => ({ kind: 'text', text, style: { ...plainStyle, ...style } })
/** What is shown, whatever it looks like. */
const shown = (...chunks: string[]): string =>
  read(...chunks)
    .map((piece) => (piece.kind === 'text' ? piece.text : piece.kind === 'newline' ? '\n' : `<${piece.kind}>`))
    .join('')

describe('colours', () => {
  test.each<[string, string, Partial<Style>]>([
    ['one of the eight', '\x1b[31mx', { foreground: 1 }],
    ['a bright one', '\x1b[97mx', { foreground: 15 }],
    ['a background', '\x1b[42;30mx', { background: 2, foreground: 0 }],
    ['a bright background', '\x1b[101mx', { background: 9 }],
    ['one of 256', '\x1b[38;5;208mx', { foreground: 208 }],
    ['one of 256 with colons', '\x1b[38:5:208mx', { foreground: 208 }],
    ['any colour', '\x1b[38;2;255;128;0mx', { foreground: '#ff8000' }],
    ['any colour with colons', '\x1b[38:2:255:128:0mx', { foreground: '#ff8000' }],
    ['any colour with a colour space', '\x1b[48:2::1:2:3mx', { background: '#010203' }],
    ['what follows a colour in the same sequence', '\x1b[38;2;1;2;3;1mx', { foreground: '#010203', bold: true }],
    ['what follows a palette colour', '\x1b[38;5;1;4mx', { foreground: 1, underline: true }],
    ['attributes', '\x1b[1;2;3;4;7;9mx', { bold: true, dim: true, italic: true, underline: true, inverse: true, strike: true }],
    ['attributes taken back', '\x1b[1;3;4;7;9m\x1b[22;23;24;27;29mx', {}],
    ['a curly underline', '\x1b[4:3mx', { underline: true }],
    ['an underline of style none', '\x1b[4m\x1b[4:0mx', {}],
    ['a reset without a number', '\x1b[1;31m\x1b[mx', {}],
    ['default colours', '\x1b[31;42m\x1b[39;49mx', {}],
    ['a colour out of range, which changes nothing', '\x1b[38;5;999mx', {}],
  ])('%s', (_, input, style) => expect(read(input)).toEqual([text('x', style)]))

  test('stay until changed, over chunks', () =>
    expect(read('\x1b[31ma', 'b\x1b[0mc')).toEqual([text('a', { foreground: 1 }), text('b', { foreground: 1 }), text('c')]))

  test('of the palette are those of xterm', () => {
    expect([16, 21, 208, 231, 232, 255].map(paletteColour)).toEqual([
      '#000000',
      '#0000ff',
      '#ff8700',
      '#ffffff',
      '#080808',
      '#eeeeee',
    ])
  })
})

describe('nothing else a terminal can be told has an effect', () => {
  test.each([
    ['a title', 'a\x1b]0;owned\x07b'],
    ['a title ended by ST', 'a\x1b]2;owned\x1b\\b'],
    ['a hyperlink', '\x1b]8;;https://evil.example\x07ab\x1b]8;;\x07'],
    ['clipboard access', 'a\x1b]52;c;ZXZpbA==\x07b'],
    ['a move to the upper left', 'a\x1b[Hb'],
    ['clearing the screen', 'a\x1b[2J\x1b[3Jb'],
    ['the alternate screen', 'a\x1b[?1049hb'],
    ['a device query', 'a\x1b[c\x1b[6n\x1b[>0qb'],
    ['a device control string', 'a\x1bP$q"p\x1b\\b'],
    ['an application command', 'a\x1b_Gi=1;AAAA\x1b\\b'],
    ['a privacy message', 'a\x1b^secret\x1b\\b'],
    ['a start of string', 'a\x1bXsecret\x1b\\b'],
    ['another character set', 'a\x1b(0b'],
    ['saving the cursor', 'a\x1b7\x1b8b'],
    ['a CSI of one byte', 'a\x9b2Jb'],
    ['an OSC of one byte', 'a\x9d0;owned\x9cb'],
    ['a bell', 'a\x07b'],
    ['other control characters', 'a\x00\x01\x05\x0e\x0f\x7f\x84\x85b'],
    ['a private SGR-like sequence', 'a\x1b[>4;2mb'],
    ['a sequence that is too long', `a\x1b[${'1;'.repeat(400)}31mb`],
  ])('%s', (_, input) => {
    expect(shown(input)).toBe('ab')
    expect(read(input).every((piece) => piece.kind === 'text' && piece.style === plainStyle)).toBe(true)
    expect(shown(...input), 'also when it arrives byte by byte').toBe('ab')
  })

  test('a string without an end hides no more than its line', () => expect(shown('a\x1b]0;oops\nb')).toBe('a\nb'))
  test('a sequence that is broken off hides no line', () => expect(shown('a\x1b[31\nb')).toBe('a\nb'))
  test('a cancelled string ends', () => expect(shown('a\x1bPxyz\x18b')).toBe('ab'))
  test('an escape at the very end waits for its rest', () => expect(shown('a\x1b', '[1mb')).toBe('ab'))
})

test('characters that turn the direction of writing are shown by name', () => {
  expect(shown('if \u202e x \u2066')).toBe('if U+202E x U+2066')
  expect(read('\u202e')).toEqual([text('U+202E', { mark: true })])
})

test('movements that progress bars are made of are kept', () =>
  expect(shown('1%\r2%\b3\x1b[K\n')).toBe('1%<return>2%<back>3<erase>\n'))

test('tabs are text', () => expect(read('a\tb')).toEqual([text('a\tb')]))
