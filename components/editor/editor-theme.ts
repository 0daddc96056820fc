import { isDark, isHighContrast } from '../ui/theme-now.ts'

/** Of more contrast Monaco has themes of its own. */
export const themeName = (dark: boolean, contrast: boolean): string =>
  contrast ? (dark ? 'hc-black' : 'hc-light') : dark ? 'bugghost-dark' : 'bugghost-light'

/** The editor's theme for how the page looks now. */
export const editorTheme = (): string => themeName(isDark(), isHighContrast())
