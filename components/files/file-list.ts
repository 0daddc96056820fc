import { clashesOf, problemOfPath } from '../../protocol/file-paths.ts'
import { requestLimits } from '../../protocol/limits.ts'
import type { RunFile } from '../../protocol/run.ts'
import { bytes } from '../../protocol/words.ts'

/** The files of a draft, and which of them starts. There is always one. */
export type FileList = { files: readonly RunFile[]; entry: string }

/** Something asked for that cannot be, in a sentence for the person who asked. */
export class FileListError extends Error {
  override name = 'FileListError'
}

const isUnder = (path: string, folder: string) => path.startsWith(`${folder}/`)

/** Throws FileListError where the server would refuse the files: by the same rules, before anything is sent. */
function checked(list: FileList): FileList {
  const paths = list.files.map(({ path }) => path)
  for (const path of paths) {
    const problem = problemOfPath(path)
    if (problem) throw new FileListError(`${path || 'The name'}: ${problem}`)
  }
  const [clash] = clashesOf(paths)
  if (clash) throw new FileListError(`${paths[clash[0]]}: ${clash[1]}`)
  if (paths.length > requestLimits.files)
    throw new FileListError(`These would be ${paths.length} files; at most ${requestLimits.files} can be run.`)
  const size = list.files.reduce((sum, file) => sum + sizeOf(file), 0)
  if (size > requestLimits.filesBytes) {
    throw new FileListError(`The files would have ${bytes(size)} in all; at most ${bytes(requestLimits.filesBytes)} can be run.`)
  }
  return list
}

/** In bytes. */
export const sizeOf = ({ content, encoding }: RunFile): number =>
  encoding === 'base64' ? (content.length / 4) * 3 : new TextEncoder().encode(content).length

export function added(list: FileList, ...files: RunFile[]): FileList {
  return checked({ ...list, files: [...list.files, ...files] })
}

/** With these files in, each in the place of one that has its path already. */
export function merged(list: FileList, files: readonly RunFile[]): FileList {
  const given = new Set(files.map(({ path }) => path))
  return checked({ ...list, files: [...list.files.filter(({ path }) => !given.has(path)), ...files] })
}

/** Of a file, or of a folder with all that is in it. */
export function renamed(list: FileList, from: string, to: string): FileList {
  const renamedPath = (path: string) => (path === from ? to : isUnder(path, from) ? to + path.slice(from.length) : path)
  if (from === to) return list
  if (isUnder(to, from)) throw new FileListError('A folder cannot go into itself.')
  return checked({
    files: list.files.map((file) => ({ ...file, path: renamedPath(file.path) })),
    entry: renamedPath(list.entry),
  })
}

/** Without a file, or a folder and all that is in it. What starts is another file, if it was among them. */
export function removed(list: FileList, path: string): FileList {
  const files = list.files.filter((file) => file.path !== path && !isUnder(file.path, path))
  const [first] = files
  if (!first) throw new FileListError('One file has to stay: there would be nothing to run.')
  return { files, entry: files.some((file) => file.path === list.entry) ? list.entry : first.path }
}

/** A name like this one that is free: "helper 2.py". */
export function freeName(list: FileList, wanted: string): string {
  const taken = new Set(list.files.map(({ path }) => path.toLowerCase()))
  const [, stem = wanted, ending = ''] = /^(.+?)(\.[^./]*)?$/.exec(wanted) ?? []
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${stem}${n}${ending}`
    if (!taken.has(name.toLowerCase())) return name
  }
}

/** Bytes as a file of a run: text where they are text, base64 where they are not. */
export function fileOf(path: string, data: Uint8Array): RunFile {
  try {
    const content = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
    if (!content.includes('\0')) return { path, content }
  } catch {
    // Not UTF-8.
  }
  let binary = ''
  for (let at = 0; at < data.length; at += 0x8000) binary += String.fromCharCode(...data.subarray(at, at + 0x8000))
  return { path, content: btoa(binary), encoding: 'base64' }
}

export function dataOf({ content, encoding }: RunFile): Uint8Array<ArrayBuffer> {
  if (encoding !== 'base64') return new TextEncoder().encode(content)
  return Uint8Array.from(atob(content), (character) => character.charCodeAt(0))
}
