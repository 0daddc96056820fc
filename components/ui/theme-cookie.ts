/** `contrast` is as light or dark as the system, with more contrast. */
export type Theme = 'system' | 'light' | 'dark' | 'contrast'
export const themeCookie = 'bugghost_theme'

/** What a cookie says; anything unknown is the system's choice. */
export const themeOf = (value: string | undefined): Theme =>
  value === 'light' || value === 'dark' || value === 'contrast' ? value : 'system'
