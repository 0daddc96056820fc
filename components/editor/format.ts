import type { Plugin } from 'prettier'

// Loaded when somebody asks for it: Prettier and its parsers are as large as the rest of the page.
const parsers: Record<string, { parser: string; plugins(): Promise<unknown>[] }> = {
  js: { parser: 'babel', plugins: () => [import('prettier/plugins/babel'), import('prettier/plugins/estree')] },
  ts: { parser: 'typescript', plugins: () => [import('prettier/plugins/typescript'), import('prettier/plugins/estree')] },
  json: { parser: 'json', plugins: () => [import('prettier/plugins/babel'), import('prettier/plugins/estree')] },
  css: { parser: 'css', plugins: () => [import('prettier/plugins/postcss')] },
  html: { parser: 'html', plugins: () => [import('prettier/plugins/html')] },
  md: { parser: 'markdown', plugins: () => [import('prettier/plugins/markdown')] },
  yaml: { parser: 'yaml', plugins: () => [import('prettier/plugins/yaml')] },
}
const sameAs: Record<string, string> = { mjs: 'js', cjs: 'js', jsx: 'js', mts: 'ts', cts: 'ts', tsx: 'ts', yml: 'yaml' }

function parserOf(path: string) {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  return parsers[sameAs[extension] ?? extension]
}

/** Whether a file of this name can be formatted in the browser. */
export const canFormat = (path: string): boolean => parserOf(path) !== undefined

/** The text as Prettier writes it, indented as deeply as it is. Throws an error with one line to show when it has an error of syntax. */
export async function formatted(path: string, text: string): Promise<string> {
  const found = parserOf(path)
  if (!found) return text
  const [{ format }, ...plugins] = await Promise.all([import('prettier/standalone'), ...found.plugins()])
  try {
    return await format(text, { parser: found.parser, plugins: plugins as Plugin[], ...indentOf(text) })
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    const at = /\((\d+):(\d+)\)\s*$/.exec(first)
    const what = first.replace(/\s*\(\d+:\d+\)\s*$/, '')
    throw new Error(at ? `${path}:${at[1]}:${at[2]}: ${what}` : `${path}: ${what}`)
  }
}

/** What most indented lines begin with. */
function indentOf(text: string): { useTabs: boolean; tabWidth: number } {
  const indents = [...text.matchAll(/^([ \t]+)\S/gm)].map(([, indent = '']) => indent)
  const tabs = indents.filter((indent) => indent.startsWith('\t')).length
  const spaces = indents.filter((indent) => !indent.startsWith('\t')).map(({ length }) => length)
  const fours = spaces.length > 0 && spaces.every((length) => length % 4 === 0)
  return { useTabs: tabs > indents.length / 2, tabWidth: fours ? 4 : 2 }
}
