import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { z } from 'zod'

/** Where the code editor is served, followed by its version; see scripts/setup/bundle-editor.mjs. */
export const editorPrefix = '/_editor/'

/** A folder whose files never change under their names. */
export type Built = { prefix: string; folder: string }

export type BuiltFiles = {
  /** Answers when it is for one of the files; false when it is for somebody else. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean
}

/** Where browsers find the code editor: its folder's address, with a slash at its end, and the scripts its own begins with. */
export type EditorFiles = { path: string; parts: readonly string[] }

/** Throws when it was not built. */
export function editorFilesIn(dist: string): EditorFiles {
  const [version] = existsSync(join(dist, 'editor')) ? readdirSync(join(dist, 'editor')) : []
  if (!version) throw new Error('The code editor is not built. Start Bug Ghost with `npm start`, which builds it.')
  const parts = z.array(z.string()).parse(JSON.parse(readFileSync(join(dist, 'editor', version, 'parts.json'), 'utf8')))
  return { path: `${editorPrefix}${version}/`, parts }
}

/**
 * What the build wrote for browsers, as small as the build could make it: the .br or .gz beside a file is sent to whoever takes it.
 * Compressing while somebody waits costs more and saves less.
 */
export function createBuiltFiles(folders: readonly Built[]): BuiltFiles {
  const files = new Map<string, string>()
  for (const { prefix, folder } of folders) {
    if (!existsSync(folder)) continue
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const type = types[extname(entry.name)]
      if (entry.isFile() && type) files.set(prefix + path.slice(folder.length + 1).replaceAll('\\', '/'), path)
    }
  }
  /** As often asked for as there are new visitors, and a few megabytes in all. */
  const kept = new Map<string, Promise<Buffer>>()
  const read = (path: string): Promise<Buffer> => {
    const known = kept.get(path)
    if (known) return known
    const reading = readFile(path)
    kept.set(path, reading)
    reading.catch(() => kept.delete(path))
    return reading
  }

  async function send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { body, encoding } = await smallest(path, String(request.headers['accept-encoding'] ?? ''))
    response.writeHead(200, {
      'content-type': types[extname(path)],
      'content-length': body.length,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(encoding ? { 'content-encoding': encoding } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  async function smallest(path: string, accepted: string): Promise<{ body: Buffer; encoding: string | null }> {
    for (const [encoding, ending] of encodings) {
      if (!accepts(accepted, encoding)) continue
      const body = await read(path + ending).catch(() => null)
      if (body) return { body, encoding }
    }
    return { body: await read(path), encoding: null }
  }

  return {
    answer(request, response, path) {
      const file = request.method === 'GET' || request.method === 'HEAD' ? files.get(path) : undefined
      if (!file) return false
      send(file, request, response).catch(() => response.destroy())
      return true
    },
  }
}

const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

const accepts = (accepted: string, encoding: string): boolean =>
  accepted.split(',').some((one) => {
    const [name, ...parameters] = one.split(';').map((part) => part.trim())
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })

/** What browsers fetch. Anything else in the folders is left to Next. */
const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
}
