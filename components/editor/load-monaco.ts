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
