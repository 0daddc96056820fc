import { RunId } from './ids.ts'

/** What a frame tells the page around it: how tall its content is, in CSS pixels. */
export const heightMessage = (runId: string, height: number) => ({ source: 'bugghost', run_id: runId, height })

export const embedSize = { width: 720, height: 480 }

/** What somebody pastes into their page. `origin` is this server's, without a slash at the end. */
export function embedSnippet(
  origin: string,
  runId: string,
  { width, height }: { width: number | string; height: number },
): string {
  return `<iframe src="${origin}/embed/${runId}" title="A run in Bug Ghost" width="${width}" height="${height}" style="border:0;border-radius:12px;max-width:100%" loading="lazy"></iframe>`
}

/** The run that an address of this server leads to, or null. */
export function runIdOfAddress(address: string, origin: string): RunId | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  const found = url.origin === origin && /^\/(?:r|embed)\/([^/.]+)\/?$/.exec(url.pathname)
  return found ? (RunId.safeParse(found[1]).data ?? null) : null
}
