// The editor's own script: bundled apart from the pages (scripts/setup/bundle-editor.mjs), asked for by the HTML, and begun before React
// has come to life. So nothing in it may import React, and the pages import only its types (see load-monaco.ts).
import { tellEditorHasBegun } from './begun.ts'
import { openFirst } from './first-editor.ts'
import { monaco } from './monaco.ts'

export { takeFirst } from './first-editor.ts'
export { attachKeymap } from './keymap.ts'
export { setFiles } from './typescript.ts'

/** Resolves when the editor has its styles as well; without them it would measure nothing right. Rejects when they do not come. */
async function styled(): Promise<typeof monaco> {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = new URL('./editor.css', import.meta.url).href
  await new Promise<void>((resolve, reject) => {
    link.onload = () => resolve()
    link.onerror = () => reject(new Error('The styles of the editor could not be fetched.'))
    document.head.append(link)
  }).catch((error: unknown) => {
    link.remove()
    throw error
  })
  return monaco
}

let styling: Promise<typeof monaco> | undefined
export function ready(): Promise<typeof monaco> {
  styling ??= styled().catch((error: unknown) => {
    styling = undefined
    throw error
  })
  return styling
}

// When the styles do not come, the page asks again and says what is wrong.
ready()
  .then(openFirst, () => {})
  .finally(tellEditorHasBegun)
