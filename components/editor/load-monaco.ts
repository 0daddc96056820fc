import { loader } from '@monaco-editor/react'

/** What the editor's script offers; see bundle.ts. */
export type EditorCode = Pick<typeof import('./bundle.ts'), 'attachKeymap' | 'setFiles' | 'takeFirst'> & {
  monaco: typeof import('./monaco.ts').monaco
}

let loading: Promise<EditorCode> | undefined
let loaded: EditorCode | null = null
let attempts = 0

/** The editor's code, fetched once. Rejects when it cannot be fetched; the next call tries again. */
export function loadEditor(): Promise<EditorCode> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

/** The editor's code if it is there already. */
export const editorCode = (): EditorCode | null => loaded

async function load(): Promise<EditorCode> {
  // A browser remembers that a module did not come, so the next attempt asks for it by another name.
  const again = attempts++ > 0 ? `?again=${attempts}` : ''
  // The HTML says where it is, and has asked for it already.
  const url = `${document.documentElement.dataset.editor}editor.js${again}`
  const bundle: typeof import('./bundle.ts') = await import(/* turbopackIgnore: true */ url)
  // Without this the loader fetches an editor from a CDN.
  loader.config({ monaco: (await bundle.ready()) as never })
  const { attachKeymap, setFiles, takeFirst } = bundle
  loaded = { attachKeymap, setFiles, takeFirst, monaco: (await loader.init()) as unknown as EditorCode['monaco'] }
  return loaded
}
