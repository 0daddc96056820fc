import type { RunFile } from '../protocol/run.ts'

/** The line of code that stands for a run in a history: the entry file's first that is not blank, at most 120 characters. */
export function excerptOf(files: readonly RunFile[], entry: string): string {
  const file = files.find(({ path }) => path === entry)
  if (!file) return ''
  const code = file.encoding === 'base64' ? Buffer.from(file.content, 'base64').toString('utf8') : file.content
  // With `u` a character is a whole one, and `.` ends at every kind of line end. A byte order mark counts as white space.
  return (/\S.{0,119}/u.exec(code)?.[0] ?? '').trimEnd()
}
