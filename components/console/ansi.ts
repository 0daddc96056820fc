/**
 * What a terminal would make of a program's bytes, reduced to what cannot do harm: text with colours, new lines, and the few
 * movements that progress bars are made of. Everything else a terminal can be told (titles, links, cursor addressing, device
 * queries, graphics) is dropped without effect.
 */
export type Piece =
  | { kind: 'text'; text: string; style: Style }
  | { kind: 'newline' }
  /** \r: the next text overwrites the line from its start. */
  | { kind: 'return' }
  /** \b: one cell to the left; nothing is erased. */
  | { kind: 'back' }
  /** CSI K, because a progress bar that gets shorter needs it. */
  | { kind: 'erase'; part: 'after' | 'before' | 'all' }

/** A palette index (0–255) or a colour of its own ("#rrggbb"). */
export type Colour = number | `#${string}`

export type Style = {
  readonly foreground: Colour | null
  readonly background: Colour | null
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly strike: boolean
  readonly inverse: boolean
  /** Not the program's text: the name of a character that must not act, such as a change of writing direction. */
  readonly mark: boolean
}

export const plainStyle: Style = {
  foreground: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
  mark: false,
}

/** No sequence in use is longer; what is longer is an attack or an accident, and is dropped. */
const longestSequence = 256

/** Characters that reorder or break the text around them. Shown by name, they cannot make a program's output read as something else. */
export const deceptive = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
export const nameOf = (character: string): string => `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`

// Tab is text here: the screen keeps it, so copying gives back what the program wrote.
const special = /[\0-\x08\n-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

type State = 'text' | 'escape' | 'escape-intermediate' | 'sequence' | 'string' | 'string-escape'

/**
 * Reads one stream. It remembers an unfinished sequence and the colours between calls, so it does not matter where the stream was
 * cut into chunks.
 */
export function createAnsiReader(): { read(text: string): Piece[] } {
  let state: State = 'text'
  let style = plainStyle
  let sequence = ''

  function control(code: number, pieces: Piece[]): void {
    switch (code) {
      case 0x0a:
      case 0x0b:
      case 0x0c:
        pieces.push({ kind: 'newline' })
        break
      case 0x0d:
        pieces.push({ kind: 'return' })
        break
      case 0x08:
        pieces.push({ kind: 'back' })
        break
      case 0x1b:
        state = 'escape'
        break
      case 0x9b:
        state = 'sequence'
        sequence = ''
        break
      case 0x90:
      case 0x98:
      case 0x9d:
      case 0x9e:
      case 0x9f:
        state = 'string'
        break
      default:
        if (code >= 0x061c) {
          pieces.push({ kind: 'text', text: nameOf(String.fromCharCode(code)), style: { ...style, mark: true } })
        }
    }
  }

  function afterEscape(code: number, pieces: Piece[]): void {
    if (code === 0x5b) {
      state = 'sequence'
      sequence = ''
    } else if (code === 0x5d || code === 0x50 || code === 0x58 || code === 0x5e || code === 0x5f) {
      state = 'string'
    } else if (code >= 0x20 && code <= 0x2f) {
      state = 'escape-intermediate'
    } else {
      state = 'text'
      if (code === 0x63)
        style = plainStyle // RIS resets colours; there is no screen of ours to clear.
      else if (isControl(code)) control(code, pieces)
    }
  }

  function finishSequence(final: string, pieces: Piece[]): void {
    state = 'text'
    if (sequence.length > longestSequence) return
    if (final === 'm' && /^[\d;:]*$/.test(sequence)) style = restyled(style, sequence)
    else if (final === 'K' && /^[012]?$/.test(sequence)) {
      pieces.push({ kind: 'erase', part: sequence === '1' ? 'before' : sequence === '2' ? 'all' : 'after' })
    }
  }

  return {
    read(text) {
      const pieces: Piece[] = []
      let i = 0
      while (i < text.length) {
        if (state === 'text') {
          special.lastIndex = i
          const end = special.exec(text)?.index ?? text.length
          if (end > i) pieces.push({ kind: 'text', text: text.slice(i, end), style })
          if (end < text.length) control(text.charCodeAt(end), pieces)
          i = end + 1
          continue
        }
        const code = text.charCodeAt(i++)
        switch (state) {
          case 'escape':
            afterEscape(code, pieces)
            break
          case 'escape-intermediate':
            if (code < 0x20 || code > 0x2f) {
              state = 'text'
              if (isControl(code)) control(code, pieces)
            }
            break
          case 'sequence':
            if (code >= 0x40 && code <= 0x7e) finishSequence(String.fromCharCode(code), pieces)
            else if (code >= 0x20 && code <= 0x3f) {
              if (sequence.length <= longestSequence) sequence += String.fromCharCode(code)
            } else {
              // A terminal obeys a control in the middle of a sequence; we give the sequence up, so no line is ever swallowed.
              state = 'text'
              i--
            }
            break
          case 'string':
            if (code === 0x07 || code === 0x9c || code === 0x18 || code === 0x1a) state = 'text'
            else if (code === 0x1b) state = 'string-escape'
            else if (code === 0x0a) {
              // A string left open by accident would hide the rest of the output, and a run is evidence: it ends with its line.
              state = 'text'
              i--
            }
            break
          case 'string-escape':
            if (code === 0x5c) state = 'text'
            else {
              state = 'escape'
              i--
            }
            break
          default:
            state satisfies never
        }
      }
      return pieces
    },
  }
}

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code <= 0x9f)

/** SGR (ECMA-48 8.3.117), with the colour extensions of xterm in both of their notations (38;5;n and 38:2::r:g:b). */
function restyled(style: Style, parameters: string): Style {
  const next: { -readonly [K in keyof Style]: Style[K] } = { ...style }
  const groups = parameters.split(';')
  for (let i = 0; i < groups.length; i++) {
    const parts = groups[i]!.split(':')
    const code = Number(parts[0] || 0)
    if (code === 38 || code === 48) {
      const named = parts.length > 1
      const colour = named ? colourOf(parts.slice(1), true) : colourOf(groups.slice(i + 1, i + 5), false)
      if (!named) i += groups[i + 1] === '5' ? 2 : groups[i + 1] === '2' ? 4 : 0
      if (colour !== null) next[code === 38 ? 'foreground' : 'background'] = colour
    } else if (code === 0) Object.assign(next, plainStyle)
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 3) next.italic = true
    else if (code === 4) next.underline = parts[1] !== '0'
    else if (code === 7) next.inverse = true
    else if (code === 9) next.strike = true
    else if (code === 21) next.underline = true
    else if (code === 22) next.bold = next.dim = false
    else if (code === 23) next.italic = false
    else if (code === 24) next.underline = false
    else if (code === 27) next.inverse = false
    else if (code === 29) next.strike = false
    else if (code >= 30 && code <= 37) next.foreground = code - 30
    else if (code === 39) next.foreground = null
    else if (code >= 40 && code <= 47) next.background = code - 40
    else if (code === 49) next.background = null
    else if (code >= 90 && code <= 97) next.foreground = code - 90 + 8
    else if (code >= 100 && code <= 107) next.background = code - 100 + 8
  }
  return next
}

function colourOf(parts: string[], colons: boolean): Colour | null {
  if (parts[0] === '5') {
    const index = Number(parts[1] || 0)
    return index <= 255 ? index : null
  }
  if (parts[0] !== '2') return null
  // With colons a colour space may stand before the three values: 38:2::r:g:b.
  const values = (colons && parts.length > 4 ? parts.slice(2, 5) : parts.slice(1, 4)).map((part) => Number(part || 0))
  if (values.length < 3 || values.some((value) => value > 255)) return null
  return `#${values.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** The fixed part of xterm's palette: 16–231 a cube of six levels, 232–255 greys. The first sixteen belong to the theme. */
export function paletteColour(index: number): `#${string}` {
  const hex = (value: number) => value.toString(16).padStart(2, '0')
  if (index >= 232) return `#${hex(8 + (index - 232) * 10).repeat(3)}`
  const level = (step: number) => hex(step === 0 ? 0 : 55 + step * 40)
  const cube = index - 16
  return `#${level(Math.floor(cube / 36))}${level(Math.floor(cube / 6) % 6)}${level(cube % 6)}`
}
