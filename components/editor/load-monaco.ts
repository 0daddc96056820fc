import type { Monaco } from './monaco.ts'

let loading: Promise<Monaco> | undefined

/** The editor's code, fetched once. Rejects when it cannot be fetched; the next call tries again. */
export function loadMonaco(): Promise<Monaco> {
  loading ??= import('./monaco.ts')
    .then((module) => module.ready())
    .catch((error: unknown) => {
      loading = undefined
      throw error
    })
  return loading
}

/** What tells the compiler of a draft's files, of the languages that have a compiler here; null of the others. Call it when Monaco is there. */
export const loadLanguageHelp = (language: string): Promise<typeof import('./typescript.ts')> | null =>
  language === 'typescript' || language === 'javascript' ? import('./typescript.ts') : null
