import type { Language } from '../protocol/language.ts'
import type { LanguageState } from '../sandbox/executor.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'

/** The languages as the picker and the API show them, in the order of their manifests, then by name. */
export function languageViews(languages: readonly LoadedLanguage[], states: readonly LanguageState[]): Language[] {
  return [...languages]
    .sort((a, b) => a.manifest.order - b.manifest.order || a.manifest.name.localeCompare(b.manifest.name))
    .map(({ id, manifest, image, hello, example }) => ({
      id,
      name: manifest.name,
      version: manifest.version,
      entry: manifest.entry,
      extensions: manifest.extensions,
      editor: manifest.editor,
      libraries: manifest.libraries,
      image,
      ready: states.find((state) => state.id === id)?.ready ?? false,
      hello,
      example: { title: manifest.example.title, code: example, stdin: manifest.example.stdin },
    }))
}
