/**
 * A shortcut as it is written down: names joined by +, `Mod` being Cmd on a Mac and Ctrl elsewhere. "Mod+Enter", "Mod+Shift+F", "F8", "?".
 * A single character is what the keyboard types, whatever keys that takes: "?" is Shift and another key on most.
 */
export type Keys = string

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

export function matches(press: Press, keys: Keys, apple: boolean): boolean {
  const { mod, ctrl, alt, shift, key } = parse(keys)
  const wantsCtrl = ctrl || (mod && !apple)
  const wantsMeta = mod && apple
  if (press.ctrlKey !== wantsCtrl || press.metaKey !== wantsMeta || press.altKey !== alt) return false
  if (press.key.toLowerCase() !== key.toLowerCase()) return false
  // Which characters need Shift depends on the keyboard, so it is asked for only where it was written down.
  return isSign(key) ? true : press.shiftKey === shift
}

/** Shortcuts that are no text, so that they work while somebody types: with a modifier, or a function key. */
export function worksWhileTyping(keys: Keys): boolean {
  const { mod, ctrl, alt, key } = parse(keys)
  return mod || ctrl || alt || /^F\d+$/.test(key)
}

/** The keys one after the other, as they are printed on the keyboard. */
export function wordsOf(keys: Keys, apple: boolean): string[] {
  const { mod, ctrl, alt, shift, key } = parse(keys)
  return [
    ...(ctrl ? [apple ? '⌃' : 'Ctrl'] : []),
    ...(mod ? [apple ? '⌘' : 'Ctrl'] : []),
    ...(alt ? [apple ? '⌥' : 'Alt'] : []),
    ...(shift ? [apple ? '⇧' : 'Shift'] : []),
    key.length === 1 ? key.toUpperCase() : (printed[key] ?? key),
  ]
}

/** The form `aria-keyshortcuts` has. */
export function ariaOf(keys: Keys, apple: boolean): string {
  const { mod, ctrl, alt, shift, key } = parse(keys)
  const parts = [
    ctrl || (mod && !apple) ? 'Control' : '',
    mod && apple ? 'Meta' : '',
    alt ? 'Alt' : '',
    shift ? 'Shift' : '',
    key,
  ]
  return parts.filter(Boolean).join('+')
}

const printed: Record<string, string> = {
  Enter: '↵',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
}
const isSign = (key: string) => key.length === 1 && !/[a-z0-9]/i.test(key)

function parse(keys: Keys) {
  const parts = keys.split('+')
  const has = (name: string) => parts.slice(0, -1).includes(name)
  return { mod: has('Mod'), ctrl: has('Ctrl'), alt: has('Alt'), shift: has('Shift'), key: parts.at(-1) ?? '' }
}
