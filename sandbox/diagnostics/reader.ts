import type { Diagnostic } from '../../protocol/diagnostic.ts'

/** A place as the tool names it: its own spelling of the file, its own way of counting columns. */
export type Place = {
  file: string
  /** From 1; 0 where the tool does not know. */
  line: number
  column?: Column
}

/**
 * From 1. `characters` is what the protocol wants; tools count otherwise where the line holds more than ASCII:
 * `utf16` code units (V8, javac), `bytes` of UTF-8 (Go), or the `cells` a terminal needs (GCC, where a tab goes on to the next eighth cell).
 */
export type Column = { at: number; unit: 'characters' | 'utf16' | 'bytes' | 'cells' }

/** One call. `library` where the reader can tell better than the file's name can. */
export type Frame = Place & { function?: string; library?: boolean }

/** What a reader makes of one message. Without `at`, its place is the innermost frame of the program's own code. */
export type Finding = {
  severity: Diagnostic['severity']
  message: string
  at?: Place
  /** Innermost first. */
  frames?: Frame[]
}

/** What a reader may know of the run besides the text. */
export type Program = {
  files: readonly string[]
  entry: string
  /** The text of one line of a file of the run, counted from 1, where it is known. */
  lineOf(file: string, line: number): string | undefined
  /** Whether a name that a tool printed is a file of the run. */
  isOwn(file: string): boolean
}

/** One named thread of a program that was asked where it is. Innermost frame first. */
export type Thread = { thread: string; frames: Frame[] }

/**
 * Knows the messages of one family of tools. Every function gets whole lines without colours and line ends, reads each of them a
 * bounded number of times, and never throws, whatever the text: a program can print anything.
 */
export type Reader = {
  /** Of the compile stage's output. */
  compile?(lines: readonly string[], program: Program): Finding[]
  /** Of what the program wrote to one stream. */
  run?(lines: readonly string[], program: Program): Finding[]
  /** Of the answer of a program that was asked for its stacks. The main thread comes first. */
  stacks?(lines: readonly string[], program: Program): Thread[]
}
