import type { ArtifactEvent } from './runs.ts'

/** What a browser may show by itself. Everything else is a download: the bytes are a stranger's program's. */
const shown = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml', 'text/plain', 'text/csv'])

/** A file a program left, as an answer that a browser shows or saves and never runs. */
export function artifactResponse({
  path,
  media_type,
  content,
}: Pick<ArtifactEvent, 'path' | 'media_type' | 'content'>): Response {
  const inline = shown.has(media_type)
  const type = !inline ? 'application/octet-stream' : media_type.startsWith('text/') ? `${media_type}; charset=utf-8` : media_type
  const name = path.split('/').at(-1) ?? path
  return new Response(Buffer.from(content, 'base64'), {
    headers: {
      'content-type': type,
      // RFC 5987: a file may be called anything.
      'content-disposition': `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escapeByte)}`,
    },
  })
}

const escapeByte = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
