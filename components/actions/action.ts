import { type Keys, matches, worksWhileTyping } from './keys.ts'

/** In the order in which the palette and the overview show them. */
export const groups = ['Run', 'Code', 'Files', 'Output', 'Share', 'Go to', 'Language', 'View'] as const
export type Group = (typeof groups)[number]

/** Something a person can do on this page, by whatever way: a button, a key, the palette. */
export type Action = {
  id: string
  title: string
  group: Group
  keys?: Keys
  /** Other words somebody may look for it by. */
  words?: string
  /** Why it cannot be done now. */
  unavailable?: string | null
  run(): void
  /** What its keys do while it is unavailable, where pressing them is a habit to which the browser would give a meaning of its own. */
  answer?(): void
}

/** Where a key was pressed: on the page, in a text, or in a text whose editor (vim, emacs) has commands of its own on Ctrl and these letters. */
export type Where = 'page' | 'text' | { ctrlLetters: string }

/** The action a key press asks for. Of two with the same keys the later one wins: it is nearer to what the person sees. */
export function actionFor(
  press: Parameters<typeof matches>[0],
  actions: readonly Action[],
  { apple, where }: { apple: boolean; where: Where },
): Action | undefined {
  if (typeof where === 'object' && press.ctrlKey && !press.shiftKey && where.ctrlLetters.includes(press.key.toLowerCase()))
    return undefined
  return actions.findLast(({ keys, unavailable, answer }) => {
    if (!keys || (unavailable && !answer) || !matches(press, keys, apple)) return false
    return where === 'page' || worksWhileTyping(keys)
  })
}

export function byGroup(actions: readonly Action[]): { group: Group; actions: Action[] }[] {
  return groups
    .map((group) => ({ group, actions: actions.filter((action) => action.group === group) }))
    .filter(({ actions }) => actions.length > 0)
}
