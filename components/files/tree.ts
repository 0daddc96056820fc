import type { RunFile } from '../../protocol/run.ts'

/** A file or a folder of the tree. The id of a folder is its path, that of the workspace itself is empty. */
export type Node = { path: string; name: string; kind: 'file' | 'folder'; children: string[] }

/** The folders that a flat list of paths means. Folders come before files, each by name. */
export function treeOf(files: readonly Pick<RunFile, 'path'>[]): Map<string, Node> {
  const nodes = new Map<string, Node>([['', { path: '', name: '', kind: 'folder', children: [] }]])
  for (const { path } of files) {
    const names = path.split('/')
    for (let depth = 1; depth <= names.length; depth++) {
      const own = names.slice(0, depth).join('/')
      if (nodes.has(own)) continue
      nodes.set(own, { path: own, name: names[depth - 1] ?? '', kind: depth === names.length ? 'file' : 'folder', children: [] })
      nodes.get(names.slice(0, depth - 1).join('/'))?.children.push(own)
    }
  }
  for (const node of nodes.values()) {
    node.children.sort((a, b) => {
      const [x, y] = [nodes.get(a), nodes.get(b)]
      if (x?.kind !== y?.kind) return x?.kind === 'folder' ? -1 : 1
      return (x?.name ?? '').localeCompare(y?.name ?? '', 'en', { numeric: true })
    })
  }
  return nodes
}

/** Where something goes that is moved into a folder. */
export const pathIn = (folder: string, path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return folder === '' ? name : `${folder}/${name}`
}

/** The folder a file is in. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
