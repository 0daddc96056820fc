import type { editor } from 'monaco-editor/editor'
import type { Keymap } from './keymaps.ts'

type Other = Exclude<Keymap, 'standard'>

type Around = {
  /** Where it says its mode and takes its commands. */
  status: HTMLElement
  onSave(): void
}

/** Makes the editor answer to the keys of another one. Rejects when its code cannot be fetched. */
export function attachKeymap(keymap: Other, to: editor.IStandaloneCodeEditor, around: Around): Promise<{ dispose(): void }> {
  return keymap === 'vim' ? attachVim(to, around) : attachEmacs(to, around)
}

/** Both are CommonJS to a bundler, and some leave all names of such a module on its default. */
const namesOf = <M extends object>(module: M, one: keyof M): M =>
  one in module ? module : (module as unknown as { default: M }).default

async function attachVim(to: editor.IStandaloneCodeEditor, { status, onSave }: Around) {
  const { initVimMode, StatusBar } = namesOf(await import('monaco-vim'), 'StatusBar')
  class NamedStatusBar extends StatusBar {
    override setSec(...[text, callback, options]: Parameters<InstanceType<typeof StatusBar>['setSec']>) {
      const close = super.setSec(text, callback, options)
      status.querySelector('input')?.setAttribute('aria-label', 'Vim command')
      return close
    }
  }
  const vim = initVimMode(to, status, NamedStatusBar)
  // `:w` asks for it on the editor, if it is there.
  return Object.assign(vim, { save: onSave })
}

/** Its commands are the same for all editors of the page. */
const savesOf = new WeakMap<object, () => void>()

async function attachEmacs(to: editor.IStandaloneCodeEditor, { status, onSave }: Around) {
  const { EmacsExtension, registerGlobalCommand, unregisterKey } = namesOf(await import('monaco-emacs'), 'unregisterKey')
  registerGlobalCommand('C-x C-s', {
    description: 'Save',
    run: (_, emacs) => savesOf.get(emacs)?.(),
  })
  // It would ask for a formatter that Monaco has, and there is none: Tab would do nothing.
  unregisterKey('Tab')
  const emacs = new EmacsExtension(to)
  savesOf.set(emacs, onSave)
  emacs.onDidMarkChange((marked) => {
    status.textContent = marked ? 'Mark set' : ''
  })
  emacs.onDidChangeKey((keys) => {
    status.textContent = keys
  })
  emacs.start()
  return emacs
}
