import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createActors, openKey, visitorCookie } from './actor.ts'

const key = Buffer.alloc(32, 1)
const pairOf = (setCookie: string | undefined) => setCookie?.split(';')[0] ?? ''

describe('a visitor', () => {
  const actors = createActors({ key, secure: false })

  test('is somebody new without a cookie, and the same person with it', () => {
    const first = actors.identify(undefined)
    const again = actors.identify(`theme=dark; ${pairOf(first.setCookie)}; x=1`)
    expect(again).toEqual({ actorId: first.actorId })
    expect(actors.identify(null).actorId).not.toBe(first.actorId)
  })

  test('keeps out of the reach of scripts and of other sites, for as long as browsers allow', () => {
    const { setCookie } = actors.identify(undefined)
    expect(setCookie?.split('; ').slice(1)).toEqual(['Path=/', 'Max-Age=34560000', 'HttpOnly', 'SameSite=Lax'])
    expect(createActors({ key, secure: true }).identify(undefined).setCookie).toMatch(/; Secure$/)
  })

  test.each([
    ['signed by another key', () => pairOf(createActors({ key: Buffer.alloc(32, 2), secure: false }).identify(null).setCookie)],
    [
      'of somebody else’s name under a true signature',
      () => pairOf(actors.identify(null).setCookie).replace(/=.{22}/, `=${'a'.repeat(22)}`),
    ],
    ['without a signature', () => `${visitorCookie}=${'a'.repeat(22)}`],
    ['of garbage', () => `${visitorCookie}=%00.%ff`],
  ])('with a cookie %s is somebody new', (_, cookie) => {
    expect(actors.identify(cookie()).setCookie).toBeDefined()
  })

  test('is known by the true cookie also behind a false one of the same name', () => {
    const { actorId, setCookie } = actors.identify(null)
    expect(actors.identify(`${visitorCookie}=forged; ${pairOf(setCookie)}`)).toEqual({ actorId })
  })
})

describe('the key', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bugghost-key-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('is made once, agreed on by servers that start together, and only for the owner’s eyes', async () => {
    const dataDir = join(folder, 'data')
    const keys = await Promise.all(Array.from({ length: 8 }, () => openKey(dataDir)))
    for (const one of keys) expect(one).toEqual(keys[0])
    expect(await openKey(dataDir)).toEqual(keys[0])
    expect(keys[0]).toHaveLength(32)
    expect((await stat(join(dataDir, 'secret'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dataDir)).toEqual(['secret'])
  })

  test('that is damaged stops the start with what to do', async () => {
    await writeFile(join(folder, 'secret'), 'short')
    await expect(openKey(folder)).rejects.toThrow(/does not hold a key of 32 bytes. Restore it, or delete it/)
  })
})
