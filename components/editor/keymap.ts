import type { editor } from 'monaco-editor/editor'

export const keymaps = ['standard', 'vim', 'emacs'] as const
export type Keymap = (typeof keymaps)[number]

/**
 * Makes the editor answer to the keys of another one. Rejects when its code cannot be fetched.
 * @param status where it says its mode and takes its commands
 */
export async function attachKeymap(
  keymap: Exclude<Keymap, 'standard'>,
  on: editor.IStandaloneCodeEditor,
  status: HTMLElement,
): Promise<{ dispose(): void }> {
  if (keymap === 'vim') {
    const { initVimMode } = await import('monaco-vim')
    // Its types are those of an editor of another version.
    return initVimMode(on as never, status)
  }
  const { EmacsExtension } = await import('monaco-emacs')
  const extension = new EmacsExtension(on as never)
  extension.onDidMarkChange((marked) => {
    status.textContent = marked ? 'Mark set' : ''
  })
  extension.onDidChangeKey((keys) => {
    status.textContent = keys
  })
  extension.start()
  return extension
}
