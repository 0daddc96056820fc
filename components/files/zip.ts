import { unzip, zip } from 'fflate'
import { requestLimits } from '../../protocol/limits.ts'
import type { RunFile } from '../../protocol/run.ts'
import { bytes } from '../../protocol/words.ts'
import { dataOf, FileListError, fileOf } from './file-list.ts'

/** What an archive of somebody's desktop has beside their files. */
const litter = /(^|\/)(__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini|\.git|node_modules|__pycache__|\.venv)(\/|$)/

export const isLitter = (path: string): boolean => litter.test(path)

/** The files of a zip. Nothing is unpacked that a run could not have; throws FileListError, which says why. */
export function filesOfZip(data: Uint8Array): Promise<RunFile[]> {
  let count = 0
  let size = 0
  return new Promise((resolve, reject) => {
    try {
      unzip(
        data,
        {
          // The sizes are the archive's own claim; what it unpacks to is bound by them.
          filter({ name, originalSize }) {
            if (name.endsWith('/') || isLitter(name)) return false
            count++
            size += originalSize
            if (count > requestLimits.files) throw new FileListError(`The archive has more than ${requestLimits.files} files.`)
            if (size > requestLimits.filesBytes) {
              throw new FileListError(`The files of the archive have more than ${bytes(requestLimits.filesBytes)} in all.`)
            }
            return true
          },
        },
        (error, found) => {
          if (error)
            reject(
              error instanceof FileListError
                ? error
                : new FileListError('This archive cannot be read: it is damaged, or not a zip.'),
            )
          else resolve(withoutCommonFolder(Object.entries(found).map(([path, content]) => fileOf(path, content))))
        },
      )
    } catch (error) {
      reject(
        error instanceof FileListError ? error : new FileListError('This archive cannot be read: it is damaged, or not a zip.'),
      )
    }
  })
}

/** An archive of one folder is meant as what is in the folder. */
export function withoutCommonFolder(files: RunFile[]): RunFile[] {
  const [first] = files
  const folder = first?.path.slice(0, first.path.indexOf('/') + 1)
  if (!folder || !files.every(({ path }) => path.startsWith(folder))) return files
  return withoutCommonFolder(files.map((file) => ({ ...file, path: file.path.slice(folder.length) })))
}

export function zipOf(files: readonly RunFile[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    zip(Object.fromEntries(files.map((file) => [file.path, dataOf(file)])), (error, data) => {
      if (error) reject(error)
      else resolve(new Uint8Array(data))
    })
  })
}
