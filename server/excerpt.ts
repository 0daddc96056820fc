import type { RunFile } from '../protocol/run.ts'

/** In characters. Who looks for something in a program of theirs will not have its hundredth page in mind. */
const searchedCharacters = 100_000

/** What a run is found by: the names of its files and what is in them. NUL and halves of characters, which no column takes, left out. */
export function searchTextOf(files: readonly RunFile[]): string {
  const texts = files.map(({ path, content, encoding }) => (encoding === 'base64' ? path : `${path}\n${content}`))
  return texts.join('\n').slice(0, searchedCharacters).replaceAll('\0', '').toWellFormed()
}

/** The line of code that stands for a run in a history: the entry file's first that is not blank, at most 120 characters. */
export function excerptOf(files: readonly RunFile[], entry: string): string {
  const file = files.find(({ path }) => path === entry)
  if (!file) return ''
  const code = file.encoding === 'base64' ? Buffer.from(file.content, 'base64').toString('utf8') : file.content
  // With `u` a character is a whole one, and `.` ends at every kind of line end. A byte order mark counts as white space.
  return (/\S.{0,119}/u.exec(code)?.[0] ?? '').trimEnd()
}
