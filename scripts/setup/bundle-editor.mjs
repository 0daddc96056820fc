// Bundles the code editor apart from the pages, and compresses what browsers fetch. Run by app-build.mjs; needs the npm packages.
//
//   node scripts/setup/bundle-editor.mjs bundle <folder>      writes the editor's script, styles and workers into <folder>
//   node scripts/setup/bundle-editor.mjs compress <folder…>   writes a .br and a .gz beside every file that shrinks

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * One script for all of Monaco that a page needs to begin, so that the page can name it in its HTML and nothing of ours comes before it.
 * Languages, key bindings and workers are files of their own beside it, found from its address.
 * @param {string} folder
 */
async function bundle(folder) {
  const { build } = await import('esbuild')
  const common = /** @type {const} */ ({
    absWorkingDir: root,
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2023',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
  const { metafile } = await build({
    ...common,
    entryPoints: { editor: 'components/editor/bundle.ts' },
    splitting: true,
    metafile: true,
    chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.ttf': 'file' },
    plugins: [oneEditor],
  })
  await build({
    ...common,
    entryPoints: {
      'editor.worker': 'monaco-editor/editor/editor.worker',
      'ts.worker': 'monaco-editor/languages/features/typescript/ts.worker',
    },
  })
  await writeFile(join(folder, 'parts.json'), JSON.stringify(partsOf(metafile)))
}

/**
 * The scripts the editor's own imports before it begins, which the HTML names too: a browser finds them out one after the other otherwise.
 * @param {import('esbuild').Metafile} metafile
 */
function partsOf({ outputs }) {
  const own = Object.keys(outputs).find((path) => basename(path) === 'editor.js') ?? ''
  const parts = new Set()
  const take = (path) => {
    for (const { path: part, kind, external } of outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement' || external || parts.has(part)) continue
      parts.add(part)
      take(part)
    }
  }
  take(own)
  return [...parts].map((path) => basename(path))
}

/** The vim and emacs bindings name the editor's modules as an older version did; they must get the one editor the page has. */
const oneEditor = {
  name: 'one-editor',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onResolve, resolve }) {
    const named = /^monaco-editor(?:\/esm\/vs\/(.+))?$/
    onResolve({ filter: named }, ({ path, kind, resolveDir }) => {
      const inner = named.exec(path)?.[1]
      return resolve(`monaco-editor/${inner && inner !== 'editor/editor.api' ? inner : 'editor'}`, { kind, resolveDir })
    })
  },
}

const shrinks = /\.(js|css|svg|json|ttf)$/
/** The best brotli takes a second for every half megabyte, which the largest files are not worth to whoever waits for the build. */
const largeBytes = 1024 * 1024

/** @param {string[]} folders */
async function compress(folders) {
  const paths = []
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && shrinks.test(entry.name)) paths.push(join(entry.parentPath, entry.name))
    }
  }
  const next = paths.values()
  // As many at a time as Node has threads for it.
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const path of next) await compressFile(path)
    }),
  )
}

/** @param {string} path */
async function compressFile(path) {
  const content = await readFile(path)
  const quality = content.length > largeBytes ? 9 : constants.BROTLI_MAX_QUALITY
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
  const smaller = [
    [`${path}.br`, await promisify(brotliCompress)(content, { params })],
    [`${path}.gz`, await promisify(gzip)(content, { level: 9 })],
  ]
  for (const [to, packed] of smaller) if (packed.length < content.length) await writeFile(to, packed)
}

const [what, ...folders] = process.argv.slice(2)
if (what === 'bundle' && folders[0]) await bundle(folders[0])
else if (what === 'compress') await compress(folders)
else throw new Error('Say what to do: bundle <folder>, or compress <folder…>')
