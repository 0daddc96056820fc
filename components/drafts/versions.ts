import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { z } from 'zod'
import '../jitless.ts'
import { RunFile } from '../../protocol/run.ts'
import type { Draft } from './drafts.ts'

/** Why a draft was kept as it was. */
export const Reason = z.enum(['run', 'edit', 'replaced'])
export type Reason = z.infer<typeof Reason>

const Version = z.object({
  id: z.number().int(),
  tab: z.string(),
  language: z.string(),
  at: z.number(),
  reason: Reason,
  files: z.array(RunFile).min(1),
  entry: z.string(),
})
/** A draft as it once was. */
export type Version = z.infer<typeof Version>

interface Schema extends DBSchema {
  versions: { key: number; value: Omit<Version, 'id'> & { id?: number }; indexes: { language: string } }
}

const most = 400

let opening: Promise<IDBPDatabase<Schema> | null> | undefined
/** Null where a browser keeps nothing: then there is only the present. */
function database(): Promise<IDBPDatabase<Schema> | null> {
  opening ??= openDB<Schema>('bugghost', 1, {
    upgrade(db) {
      const versions = db.createObjectStore('versions', { keyPath: 'id', autoIncrement: true })
      versions.createIndex('language', 'language')
    },
  }).catch((error: unknown) => {
    console.warn('Versions of drafts cannot be kept', error)
    return null
  })
  return opening
}

/** Keeps a draft as it is, unless the newest version is the same. The oldest ones go when there are very many. */
export async function addVersion(tab: string, language: string, { files, entry }: Draft, reason: Reason): Promise<void> {
  const db = await database()
  if (!db) return
  try {
    const change = db.transaction('versions', 'readwrite')
    const newest = await change.store.index('language').openCursor(language, 'prev')
    if (newest && isSame(newest.value, { files, entry })) return
    await change.store.add({ tab, language, at: Date.now(), reason, files, entry })
    const count = await change.store.count()
    let oldest = count > most ? await change.store.openCursor() : null
    for (let left = count - most; left > 0 && oldest; left--) {
      await oldest.delete()
      oldest = await oldest.continue()
    }
    await change.done
  } catch (error) {
    console.warn('A version of the draft could not be kept', error)
  }
}

/** Of one language, from every tab, newest first. */
export async function versionsOf(language: string): Promise<Version[]> {
  const db = await database()
  if (!db) return []
  const found = await db.getAllFromIndex('versions', 'language', language)
  return found.flatMap((one) => Version.safeParse(one).data ?? []).sort((a, b) => b.at - a.at)
}

const isSame = (a: Pick<Version, 'files' | 'entry'>, b: Pick<Version, 'files' | 'entry'>) =>
  a.entry === b.entry && JSON.stringify(a.files) === JSON.stringify(b.files)

/** How often one can go back in a text after a reload. */
const mostSteps = 30

/** The texts a file had in this tab before the one it has, oldest first: what an editor can go back through. */
export function pastOf(versions: readonly Version[], tab: string, path: string, now: string): string[] {
  const texts = versions
    .filter((version) => version.tab === tab)
    .sort((a, b) => a.at - b.at)
    .flatMap((version) => version.files.find((file) => file.path === path && file.encoding !== 'base64')?.content ?? [])
  const steps = [...texts, now].filter((text, at, all) => text !== all[at - 1])
  return steps.slice(0, -1).slice(-mostSteps)
}

/** What a version would change, in lines: "+3 −1". */
export function changeOf(before: readonly RunFile[], after: readonly RunFile[]): { added: number; removed: number } {
  const count = (files: readonly RunFile[], others: readonly RunFile[]) =>
    files.reduce((sum, file) => {
      const known = new Map<string, number>()
      for (const line of others.find(({ path }) => path === file.path)?.content.split('\n') ?? [])
        known.set(line, (known.get(line) ?? 0) + 1)
      return (
        sum +
        file.content.split('\n').filter((line) => {
          const left = known.get(line) ?? 0
          if (left > 0) known.set(line, left - 1)
          return left === 0
        }).length
      )
    }, 0)
  return { added: count(after, before), removed: count(before, after) }
}
