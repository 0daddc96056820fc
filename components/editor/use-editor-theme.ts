import { useIsDark, useIsHighContrast } from '../ui/theme.tsx'
import { themeName } from './editor-theme.ts'

/** The editor's theme, as the page changes its own. */
export const useEditorTheme = (): string => themeName(useIsDark(), useIsHighContrast())
