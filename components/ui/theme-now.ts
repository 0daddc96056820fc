import type { Theme } from './theme-cookie.ts'

export const chosen = (): Theme => (document.documentElement.dataset.theme as Theme | undefined) ?? 'system'

/** Whether the page is dark now, chosen or by the system. */
export function isDark(): boolean {
  const theme = chosen()
  return theme === 'light' || theme === 'dark' ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
}

/** Whether the page has more contrast now, chosen or by the system. */
export function isHighContrast(): boolean {
  const theme = chosen()
  return theme === 'contrast' || (theme === 'system' && matchMedia('(prefers-contrast: more)').matches)
}
