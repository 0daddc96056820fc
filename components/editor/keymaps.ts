/** Whose keys the editor may answer to. */
export const keymaps = ['standard', 'vim', 'emacs'] as const
export type Keymap = (typeof keymaps)[number]

export const keymapNames: Record<Keymap, string> = { standard: 'Standard', vim: 'Vim', emacs: 'Emacs' }

/** The letters that mean something with Ctrl in each, which the page then leaves to it. */
export const keysOf: Record<Keymap, string> = { standard: '', vim: 'abcdefhinopqrtuvwxy', emacs: 'abdefghklmnopqrstuvwxyz' }
