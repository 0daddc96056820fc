import { isDark, isHighContrast, useIsDark, useIsHighContrast } from '../ui/theme.tsx'

/** Of more contrast Monaco has themes of its own. */
const nameOf = (dark: boolean, contrast: boolean): string =>
  contrast ? (dark ? 'hc-black' : 'hc-light') : dark ? 'bugghost-dark' : 'bugghost-light'

/** The editor's theme for how the page looks now. */
export const editorTheme = (): string => nameOf(isDark(), isHighContrast())
export const useEditorTheme = (): string => nameOf(useIsDark(), useIsHighContrast())
