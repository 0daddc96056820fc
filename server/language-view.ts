import type { Language } from '../protocol/language.ts'
import { selectsMany } from '../sandbox/execution/test-selection.ts'
import type { LanguageState } from '../sandbox/executor.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'

/**
 * The languages as the picker and the API show them, in the order of their manifests, then by name; each with its versions in the
 * order of its manifest. What a language says of itself is what its first version says: that is what a run gets that names none.
 */
export function languageViews(languages: readonly LoadedLanguage[], states: readonly LanguageState[]): Language[] {
  const firsts = languages.filter((one, at) => languages.findIndex(({ id }) => id === one.id) === at)
  return firsts
    .sort((a, b) => a.manifest.order - b.manifest.order || a.manifest.name.localeCompare(b.manifest.name))
    .map(({ id, manifest, image, hello, example, testExample }) => {
      const versions = languages.filter((one) => one.id === id).map((one) => versionView(one, states))
      return {
        id,
        name: manifest.name,
        version: manifest.version,
        versions,
        entry: manifest.entry,
        extensions: manifest.extensions,
        editor: manifest.editor,
        libraries: manifest.libraries,
        image,
        ready: versions[0]?.ready ?? false,
        hello,
        example: { title: manifest.example.title, code: example, stdin: manifest.example.stdin },
        test_example: manifest.test && testExample !== null ? { path: manifest.test.example.path, code: testExample } : null,
      }
    })
}

function versionView({ id, manifest, image }: LoadedLanguage, states: readonly LanguageState[]): Language['versions'][number] {
  const state = states.find((one) => one.id === id && one.version === manifest.version)
  return {
    version: manifest.version,
    image,
    ready: state?.ready ?? false,
    message: state?.message ?? 'Nothing is known of its image yet.',
    libraries: manifest.libraries,
    flags: manifest.flags,
    test: manifest.test?.framework ?? null,
    format: manifest.format
      ? { name: manifest.format.name, extensions: manifest.format.extensions ?? manifest.extensions }
      : null,
    test_select: manifest.test?.select ? (selectsMany(manifest.test.select) ? 'many' : 'one') : null,
  }
}
