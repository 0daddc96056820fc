import { AppError } from '../protocol/errors.ts'

/** How many runs may wait or be under way at a time: of all, of one visitor, and of one address. */
export type Places = { most: number; mostOfOwner: number; mostOfAddress: number }

/** Without a number of their own, nobody's runs and no address's are more than half of all. */
export function placesOf(most: number, env: { maxQueuedPerVisitor?: number; maxQueuedPerAddress?: number }): Places {
  const half = Math.max(1, Math.ceil(most / 2))
  return { most, mostOfOwner: env.maxQueuedPerVisitor ?? half, mostOfAddress: env.maxQueuedPerAddress ?? half }
}

export type Shortage = 'full' | 'owner-full' | 'address-full'

/** Own runs are asked about first: what somebody can do about it themselves is the better answer. */
export function shortageOf(taken: { all: number; ofOwner: number; ofAddress: number }, places: Places): Shortage | null {
  if (taken.ofOwner >= places.mostOfOwner) return 'owner-full'
  if (taken.ofAddress >= places.mostOfAddress) return 'address-full'
  return taken.all >= places.most ? 'full' : null
}

/** Nobody knows when a run ends; most do within seconds. */
const retryAfterSec = 5

export function refusalOf(shortage: Shortage, places: Places): AppError {
  switch (shortage) {
    case 'full':
      return new AppError(
        'unavailable',
        `${places.most} runs are waiting or under way already. Try again in ${retryAfterSec} seconds.`,
        {
          retryAfterSec,
        },
      )
    case 'owner-full':
      return new AppError(
        'too-many-requests',
        `${places.mostOfOwner} of your runs are waiting or under way already. Let some of them finish, then try again.`,
        { retryAfterSec },
      )
    case 'address-full':
      return new AppError(
        'too-many-requests',
        `${places.mostOfAddress} runs from your network address are waiting or under way already. Try again in ${retryAfterSec} seconds.`,
        { retryAfterSec },
      )
    default:
      return shortage satisfies never
  }
}

/** Counts the runs of one process. */
export function countPlaces(places: Places) {
  let all = 0
  const ofOwner = new Map<string, number>()
  const ofAddress = new Map<string, number>()
  const add = (counts: Map<string, number>, key: string, one: 1 | -1) => {
    const count = (counts.get(key) ?? 0) + one
    if (count > 0) counts.set(key, count)
    else counts.delete(key)
  }
  return {
    /** Takes a place, and returns what gives it back (once, however often it is called). Throws AppError when there is none. */
    take(owner: string, address: string): () => void {
      const taken = { all, ofOwner: ofOwner.get(owner) ?? 0, ofAddress: address === '' ? 0 : (ofAddress.get(address) ?? 0) }
      const shortage = shortageOf(taken, places)
      if (shortage) throw refusalOf(shortage, places)
      const count = (one: 1 | -1) => {
        all += one
        add(ofOwner, owner, one)
        if (address !== '') add(ofAddress, address, one)
      }
      count(1)
      let given = false
      return () => {
        if (given) return
        given = true
        count(-1)
      }
    },
  }
}
