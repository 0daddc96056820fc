import { requestLimits } from '../../protocol/limits.ts'
import type { RunFile } from '../../protocol/run.ts'
import { bytes } from '../../protocol/words.ts'
import { FileListError, fileOf } from './file-list.ts'
import { filesOfZip, isLitter, withoutCommonFolder } from './zip.ts'

export const holdsFiles = (transfer: DataTransfer | null): boolean => transfer?.types.includes('Files') ?? false

/**
 * The files somebody dropped or pasted: single ones, folders with all that is in them, or the contents of a zip.
 * Must be called while the event is handled; browsers take the data away afterwards. Throws FileListError.
 */
export async function filesOfTransfer(transfer: DataTransfer): Promise<RunFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const found: { path: string; file: File }[] = []
  if (entries.length > 0) for (const entry of entries) await walk(entry, found)
  else found.push(...[...transfer.files].map((file) => ({ path: file.name, file })))
  return read(found)
}

/** Of the browser's own dialog. */
export const filesOfInput = (files: FileList): Promise<RunFile[]> =>
  read([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })))

async function walk(entry: FileSystemEntry, found: { path: string; file: File }[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '')
  if (isLitter(path)) return
  if (found.length > requestLimits.files) return
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    found.push({ path, file })
  } else {
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    // A browser gives a hundred at a time, and none when it is through.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const one of some) await walk(one, found)
    }
  }
}

async function read(found: readonly { path: string; file: File }[]): Promise<RunFile[]> {
  const [only] = found
  if (!only) throw new FileListError('There is no file in this.')
  if (found.length > requestLimits.files)
    throw new FileListError(`These are more than ${requestLimits.files} files, which is what a run can have.`)
  if (found.length === 1 && /\.zip$/i.test(only.path)) {
    if (only.file.size > 20 * requestLimits.filesBytes) throw new FileListError('This archive is too large.')
    return filesOfZip(new Uint8Array(await only.file.arrayBuffer()))
  }
  const size = found.reduce((sum, { file }) => sum + file.size, 0)
  if (size > requestLimits.filesBytes) {
    throw new FileListError(`These files have ${bytes(size)}; at most ${bytes(requestLimits.filesBytes)} can be run.`)
  }
  const files = await Promise.all(found.map(async ({ path, file }) => fileOf(path, new Uint8Array(await file.arrayBuffer()))))
  return withoutCommonFolder(files)
}
