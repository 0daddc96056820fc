import { type Drafts, draftsKey, noDrafts, parseDrafts } from './drafts.ts'

// Each tab has drafts of its own, so that two of them never write over each other. They lie in localStorage: what is written there when a
// page is left is there when it comes back, which no other store of a browser promises.

const prefix = 'bugghost.tab.'
const idKey = 'bugghost.tab'
/** Drafts of tabs that were closed long ago; what they held is in the versions too. */
const mostTabs = 6

type Kept = { at: number; drafts: Drafts }

export type Tab = {
  id: string
  /** What it begins with. */
  drafts: Drafts
  /** Throws what the browser throws when there is no room. */
  save(drafts: Drafts): void
}

/**
 * The tab this page is in. A tab that is reloaded has what it had; a new one, and one that was duplicated, begins with a copy of what
 * was last worked on, under a name of its own.
 */
export async function openTab(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'> | null,
): Promise<Tab> {
  const before = readSession()
  // Whoever holds the lock is that tab. A duplicate has the same name in its session, and finds it taken.
  const id = before !== null && (await hold(before)) ? before : newId()
  if (id !== before) {
    await hold(id)
    writeSession(id)
  }
  const all = storage ? keptTabs(storage) : []
  const own = all.find((one) => one.id === id)
  const copied = all.find((one) => one.id === before) ?? all[0]
  const drafts = own?.drafts ?? copied?.drafts ?? (storage ? parseDrafts(storage.getItem(draftsKey)) : noDrafts)
  return {
    id,
    drafts,
    save(next) {
      if (!storage) throw new Error('This browser keeps nothing.')
      const kept: Kept = { at: Date.now(), drafts: next }
      try {
        storage.setItem(prefix + id, JSON.stringify(kept))
      } catch (error) {
        // Room is made at the cost of the tab that was left longest ago.
        const oldest = keptTabs(storage).findLast((one) => one.id !== id)
        if (!oldest) throw error
        storage.removeItem(prefix + oldest.id)
        storage.setItem(prefix + id, JSON.stringify(kept))
      }
      void forgetClosed(storage, id)
    },
  }
}

/** A tab that is open may have been still for long, and has what it had when it is reloaded: only tabs nobody has are forgotten. */
async function forgetClosed(storage: Pick<Storage, 'getItem' | 'removeItem' | 'key' | 'length'>, own: string): Promise<void> {
  const superfluous = keptTabs(storage).slice(mostTabs)
  if (superfluous.length === 0) return
  const open = await openNames()
  for (const { id } of superfluous) if (id !== own && !open.has(prefix + id)) storage.removeItem(prefix + id)
}

async function openNames(): Promise<Set<string | undefined>> {
  if (!('locks' in navigator)) return new Set()
  const { held = [] } = await navigator.locks.query()
  return new Set(held.map(({ name }) => name))
}

/** Newest first. */
function keptTabs(storage: Pick<Storage, 'getItem' | 'key' | 'length'>): ({ id: string } & Kept)[] {
  const tabs = Array.from({ length: storage.length }, (_, n) => storage.key(n)).flatMap((key) => {
    if (!key?.startsWith(prefix)) return []
    try {
      const { at, drafts } = JSON.parse(storage.getItem(key) ?? '')
      const parsed = parseDrafts(JSON.stringify(drafts))
      return typeof at === 'number' && parsed !== noDrafts ? [{ id: key.slice(prefix.length), at, drafts: parsed }] : []
    } catch {
      return []
    }
  })
  return tabs.sort((a, b) => b.at - a.at)
}

/** Until the page is gone. False when another page has it; a browser without locks has to trust the name. */
function hold(id: string): Promise<boolean> {
  if (!('locks' in navigator)) return Promise.resolve(true)
  return new Promise((resolve) => {
    navigator.locks
      .request(prefix + id, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock ? new Promise<void>(() => {}) : undefined
      })
      .catch(() => resolve(true))
  })
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, '0')).join('')

function readSession(): string | null {
  try {
    return sessionStorage.getItem(idKey)
  } catch {
    return null
  }
}

function writeSession(id: string): void {
  try {
    sessionStorage.setItem(idKey, id)
  } catch {
    // Then a reload is a new tab, with a copy of what this one had.
  }
}
