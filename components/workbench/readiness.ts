import type { Language } from '../../protocol/language.ts'

/** Why a version cannot be run yet, and how far it is; null when it can be. */
export function notReadyYet({ versions }: Language, version: string): string | null {
  const chosen = versions.find((one) => one.version === version)
  return chosen && !chosen.ready ? chosen.message : null
}

/** Whether there is anything to wait for. */
export const isComplete = (languages: readonly Language[]): boolean =>
  languages.every(({ versions }) => versions.every(({ ready }) => ready))
