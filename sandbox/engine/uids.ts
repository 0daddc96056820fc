/** User ids kept for sandboxes: unprivileged, and used by nobody else on a usual machine. */
const first = 20_000
const count = 10_000

export const isSandboxUid = (uid: number): boolean => uid >= first && uid < first + count

/**
 * One uid per live sandbox. Starts at a random place, so that two servers on one engine rarely share one; if they do, their runs
 * share the kernel's per-uid quotas and nothing else.
 */
export function createUids(random: () => number = Math.random) {
  const taken = new Set<number>()
  let next = Math.floor(random() * count)
  return {
    take(): number {
      if (taken.size >= count) throw new Error(`more than ${count} sandboxes at once`)
      while (taken.has(first + next)) next = (next + 1) % count
      const uid = first + next
      // Onwards, not back to the lowest: a uid rests as long as possible before it is used again.
      next = (next + 1) % count
      taken.add(uid)
      return uid
    },
    giveBack(uid: number): void {
      taken.delete(uid)
    },
  }
}
