import { headers } from 'next/headers'
import { preinitModule, preload, preloadModule } from 'react-dom'
import { services } from '../server/services.ts'

/** Names the editor's script in the HTML: it is fetched and begun beside the page's own, not after them. */
export async function EditorScript() {
  const { path, parts } = services().editor
  // The server wrote the policy of this very answer into the request; see http-server.ts.
  const nonce = /'nonce-([^']+)'/.exec((await headers()).get('content-security-policy') ?? '')?.[1]
  preinitModule(`${path}editor.js`, { as: 'script', nonce })
  for (const part of parts) preloadModule(path + part, { as: 'script', nonce })
  preload(`${path}editor.css`, { as: 'style' })
  return null
}
