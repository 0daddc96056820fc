/**
 * Who waits for a place. Served is the owner with the fewest runs under way; among equals the one who has waited longest since a run of
 * theirs was served; and of one owner what came first. So a crowd of one owner's runs delays their own, and nobody else's by more than one.
 */
export function createFairQueue<T>() {
  /** Only owners who wait: `turn` is when they came, or were last served. */
  const waiting = new Map<string, { turn: number; items: T[] }>()
  let turns = 0
  let size = 0

  return {
    get size() {
      return size
    },
    sizeOf: (owner: string): number => waiting.get(owner)?.items.length ?? 0,
    push(owner: string, item: T): void {
      const line = waiting.get(owner)
      if (line) line.items.push(item)
      else waiting.set(owner, { turn: turns++, items: [item] })
      size++
    },
    /** Takes the next one out; nothing when nobody who waits may have more. */
    next(running: (owner: string) => number, mayHaveMore: (owner: string) => boolean): T | undefined {
      let chosen: { owner: string; running: number; turn: number } | undefined
      for (const [owner, { turn }] of waiting) {
        if (!mayHaveMore(owner)) continue
        const one = { owner, running: running(owner), turn }
        if (!chosen || one.running < chosen.running || (one.running === chosen.running && turn < chosen.turn)) chosen = one
      }
      const line = chosen && waiting.get(chosen.owner)
      if (!chosen || !line) return undefined
      const item = line.items.shift()
      line.turn = turns++
      size--
      if (line.items.length === 0) waiting.delete(chosen.owner)
      return item
    },
    /** Whether it was there. */
    remove(owner: string, item: T): boolean {
      const line = waiting.get(owner)
      const place = line?.items.indexOf(item) ?? -1
      if (!line || place < 0) return false
      line.items.splice(place, 1)
      size--
      if (line.items.length === 0) waiting.delete(owner)
      return true
    },
    /** Takes everything out. */
    clear(): T[] {
      const all = [...waiting.values()].flatMap(({ items }) => items)
      waiting.clear()
      size = 0
      return all
    },
  }
}

/**
 * How many places one owner may hold at a time. Runs are not interrupted for others, so without a place or two kept back one owner's long runs
 * would hold them all. Of two places neither is kept: whoever is alone gets at least what one program and its edited successor need.
 */
export const placesOfOneOwner = (places: number): number => places - Math.floor(places / 4)
