import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ActorId } from '../protocol/ids.ts'

/** Tells visitors apart by a signed cookie. */
export type Actors = {
  /** Who sends this Cookie header. Without a cookie of ours it is someone new, and `setCookie` is the header that makes them known. */
  identify(cookieHeader: string | null | undefined): { actorId: ActorId; setCookie?: string }
}

export const visitorCookie = 'bugghost_visitor'
/** The longest a browser keeps a cookie (RFC 6265bis). */
const maxAgeSec = 400 * 24 * 60 * 60

/** `key` signs the cookies: whoever holds it can be any visitor. `secure` when people come by https. */
export function createActors({ key, secure }: { key: Uint8Array; secure: boolean }): Actors {
  const signatureOf = (id: string): Buffer => createHmac('sha256', key).update(`visitor:${id}`).digest()
  return {
    identify(cookieHeader) {
      for (const value of cookiesNamed(visitorCookie, cookieHeader ?? '')) {
        const [, id, signature] = /^([\w-]{22})\.([\w-]{43})$/.exec(value) ?? []
        if (id && signature && timingSafeEqual(signatureOf(id), Buffer.from(signature, 'base64url'))) {
          return { actorId: ActorId.parse(id) }
        }
      }
      const id = randomBytes(16).toString('base64url')
      const attributes = ['Path=/', `Max-Age=${maxAgeSec}`, 'HttpOnly', 'SameSite=Lax', ...(secure ? ['Secure'] : [])]
      const value = `${id}.${signatureOf(id).toString('base64url')}`
      return { actorId: ActorId.parse(id), setCookie: [`${visitorCookie}=${value}`, ...attributes].join('; ') }
    },
  }
}

/** Every one of that name: somebody who can set a cookie on a neighbouring host can put a false one before the true one. */
function cookiesNamed(name: string, header: string): string[] {
  return header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
  })
}

/**
 * The key in `<dataDir>/secret`, made at the first start. Two servers starting together on one folder agree on one key.
 * Throws when the file holds something else.
 */
export async function openKey(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, 'secret')
  const existing = await readKey(path)
  if (existing) return existing
  await mkdir(dataDir, { recursive: true })
  // Written aside and linked into place, so a reader finds a whole key or none, and the first writer wins.
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  const made = await readKey(path)
  if (!made) throw new Error(`${path} vanished while the server started. Start it again.`)
  return made
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length !== 32) {
    throw new Error(`${path} does not hold a key of 32 bytes. Restore it, or delete it: every visitor then becomes a new one.`)
  }
  return key
}
