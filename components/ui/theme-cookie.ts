export type Theme = 'system' | 'light' | 'dark'
export const themeCookie = 'bugghost_theme'

/** What a cookie says; anything unknown is the system's choice. */
export const themeOf = (value: string | undefined): Theme => (value === 'light' || value === 'dark' ? value : 'system')
