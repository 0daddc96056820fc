import { describe, expect, test } from 'vitest'
import type { Chunk } from '../../protocol/transcript.ts'
import { createScreen, textOf } from './screen.ts'
import { createSelection, type SelectionOptions } from './selection.ts'

const chunk = (source: Chunk['source'], text: string): Chunk => ({ at: 0, stage: 'run', source, text })

/** What is selected, as "3× text", looked at after every chunk. */
function selected(options: SelectionOptions, chunks: readonly Chunk[]): string[] {
  const screen = createScreen()
  const selection = createSelection(options)
  for (const count of chunks.keys()) {
    screen.take(chunks.slice(0, count + 1))
    selection.follow(screen.lines)
  }
  return selection.lines.map((line, i) => `${selection.repeats[i]}× ${textOf(line)}`)
}

describe('the selected lines of an output', () => {
  const mixed = [chunk('stdout', 'one\n'), chunk('stderr', 'bad\n'), chunk('stdout', 'two'), chunk('stdout', ' and more\n')]
  test('are all of them', () => {
    expect(selected({ stream: 'all', collapse: false }, mixed)).toEqual(['1× one', '1× bad', '1× two and more'])
  })
  test('are those of one stream', () => {
    expect(selected({ stream: 'stderr', collapse: false }, mixed)).toEqual(['1× bad'])
    expect(selected({ stream: 'stdout', collapse: false }, mixed)).toEqual(['1× one', '1× two and more'])
  })
  test('of which a line that both streams wrote belongs to both', () => {
    const both = [chunk('stdout', 'half '), chunk('stderr', 'half\n')]
    expect(selected({ stream: 'stderr', collapse: false }, both)).toEqual(['1× half half'])
    expect(selected({ stream: 'stdout', collapse: false }, both)).toEqual(['1× half half'])
  })

  const repeated = [chunk('stdout', 'again\nagain\n'), chunk('stdout', 'aga'), chunk('stdout', 'in\nother\nagain\n')]
  test('that are equal and follow each other become one, with their number', () => {
    expect(selected({ stream: 'all', collapse: true }, repeated)).toEqual(['3× again', '1× other', '1× again'])
  })
  test('are not one when another stream wrote them', () => {
    const same = [chunk('stdout', 'same\n'), chunk('stderr', 'same\n')]
    expect(selected({ stream: 'all', collapse: true }, same)).toEqual(['1× same', '1× same'])
  })
  test('are equal again beside each other when the lines between are left out', () => {
    const between = [chunk('stdout', 'same\n'), chunk('stderr', 'bad\n'), chunk('stdout', 'same\n')]
    expect(selected({ stream: 'stdout', collapse: true }, between)).toEqual(['2× same'])
  })
  test('follow a last line that becomes another while it is written', () => {
    const screen = createScreen()
    const selection = createSelection({ stream: 'all', collapse: true })
    const chunks = [chunk('stdout', 'a\na'), chunk('stdout', 'b'), chunk('stdout', '\ra \rc\n')]
    const seen: string[][] = []
    for (const count of chunks.keys()) {
      screen.take(chunks.slice(0, count + 1))
      selection.follow(screen.lines)
      seen.push(selection.lines.map((line, i) => `${selection.repeats[i]}× ${textOf(line)}`))
    }
    expect(seen).toEqual([['2× a'], ['1× a', '1× ab'], ['1× a', '1× c ']])
  })
})
