import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Made once, when the app is built: the packages it reads need not be there when it is served. */
export const dynamic = 'force-static'

/** The types of Node and of what they are made of, for the editor's TypeScript: by path under node_modules. */
export async function GET() {
  const types: Record<string, string> = {}
  for (const name of ['@types/node', 'undici-types']) {
    const folder = join(process.cwd(), 'node_modules', name)
    const paths = (await readdir(folder, { recursive: true })).filter(
      // Folders like ts5.7 are for compilers older than the editor's.
      (path) => (path.endsWith('.d.ts') || path === 'package.json') && !/^ts\d/.test(path),
    )
    for (const path of paths.sort()) types[`${name}/${path}`] = await readFile(join(folder, path), 'utf8')
  }
  return Response.json(types)
}
