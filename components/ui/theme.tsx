'use client'
import { Contrast, Monitor, Moon, Sun } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Button } from './button.tsx'
import { type Theme, themeCookie } from './theme-cookie.ts'
import { chosen, isDark, isHighContrast } from './theme-now.ts'
import { Tip } from './tip.tsx'

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'contrast', contrast: 'system' }
const words: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark', contrast: 'high contrast' }
const signs = { system: Monitor, light: Sun, dark: Moon, contrast: Contrast }

/** The choice is kept in a cookie, so that the server renders the first page in it and nothing flashes. */
function choose(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and Safari.
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=31536000; samesite=lax`
}

function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const system = matchMedia('(prefers-color-scheme: dark)')
  const contrast = matchMedia('(prefers-contrast: more)')
  system.addEventListener('change', changed)
  contrast.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    system.removeEventListener('change', changed)
    contrast.removeEventListener('change', changed)
  }
}

export const useIsDark = (): boolean => useSyncExternalStore(onThemeChange, isDark, () => false)
export const useIsHighContrast = (): boolean => useSyncExternalStore(onThemeChange, isHighContrast, () => false)

export function ThemeToggle({ initial }: { initial: Theme }) {
  const theme = useSyncExternalStore(onThemeChange, chosen, () => initial)
  const Sign = signs[theme]
  const text = `Theme: ${words[theme]}. Change to ${words[next[theme]]}`
  return (
    <Tip text={text}>
      <Button look="quiet" size="icon" aria-label={text} onClick={() => choose(next[theme])}>
        <Sign className="size-4" aria-hidden />
      </Button>
    </Tip>
  )
}
