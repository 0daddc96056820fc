'use client'
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import { type Action, actionFor, type Where } from './action.ts'

const Palette = lazy(() => import('./palette.tsx'))
const ShortcutSheet = lazy(() => import('./shortcut-sheet.tsx'))

type Register = (owner: string, actions: readonly Action[] | null) => void
const Registry = createContext<{ register: Register; openPalette(): void; openSheet(): void } | null>(null)

/** Keeps what can be done on this page, listens to the keys, and shows the palette and the overview of shortcuts. */
export function ActionsProvider({ children }: { children: ReactNode }) {
  const owners = useRef(new Map<string, readonly Action[]>())
  const [open, setOpen] = useState<'palette' | 'sheet' | null>(null)

  const own = useMemo<readonly Action[]>(
    () => [
      { id: 'palette', title: 'Show all commands', group: 'View', keys: 'Mod+k', run: () => setOpen('palette') },
      {
        id: 'shortcuts',
        title: 'Show all shortcuts',
        group: 'View',
        keys: '?',
        words: 'keyboard help',
        run: () => setOpen('sheet'),
      },
    ],
    [],
  )
  const all = useCallback(() => [...own, ...[...owners.current.values()].flat()], [own])
  const register = useCallback<Register>((owner, actions) => {
    if (actions) owners.current.set(owner, actions)
    else owners.current.delete(owner)
  }, [])
  const registry = useMemo(
    () => ({ register, openPalette: () => setOpen('palette'), openSheet: () => setOpen('sheet') }),
    [register],
  )

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const apple = /Mac|iP(hone|ad|od)/.test(navigator.platform)
      const action = actionFor(event, all(), { apple, where: whereIs(event.target) })
      if (!action) return
      event.preventDefault()
      event.stopPropagation()
      if (event.repeat) return
      if (action.unavailable) action.answer?.()
      else action.run()
    }
    // Before the editor makes a line of it.
    addEventListener('keydown', onKeyDown, { capture: true })
    return () => removeEventListener('keydown', onKeyDown, { capture: true })
  }, [all])

  return (
    <Registry value={registry}>
      {children}
      <Suspense>
        {open === 'palette' && <Palette actions={all()} onClose={() => setOpen(null)} />}
        {open === 'sheet' && <ShortcutSheet actions={all()} onClose={() => setOpen(null)} />}
      </Suspense>
    </Registry>
  )
}

/** Makes these actions part of the page for as long as the component is there. */
export function useActions(actions: readonly Action[]): void {
  const registry = useContext(Registry)
  const owner = useId()
  useEffect(() => registry?.register(owner, actions), [registry, owner, actions])
  useEffect(() => () => registry?.register(owner, null), [registry, owner])
}

export function useOpenPalette(): () => void {
  const registry = useContext(Registry)
  return useCallback(() => registry?.openPalette(), [registry])
}

function whereIs(target: EventTarget | null): Where {
  if (!(target instanceof HTMLElement)) return 'page'
  const ctrlLetters = target.closest<HTMLElement>('[data-own-keys]')?.dataset.ownKeys
  if (ctrlLetters !== undefined) return { ctrlLetters }
  return target.closest('input, textarea, select, [contenteditable], [role=combobox], [role=listbox], .monaco-editor, .xterm')
    ? 'text'
    : 'page'
}
