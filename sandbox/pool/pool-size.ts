import { MiB } from '../../protocol/limits.ts'

/** How often something is used: a count that fades, so that what was long ago counts for little. */
export type Demand = { uses: number; at: number }

/** Long enough that a person who reads what a run printed is still remembered, short enough that a lesson that is over is not. */
const fadingMs = 120_000
/** A single use has faded to this after some six minutes, a hundred after fifteen: then nobody is expected back. */
const forgottenUses = 0.05

export const unused: Demand = { uses: 0, at: 0 }

export const usesAt = ({ uses, at }: Demand, now: number): number => uses * Math.exp(-Math.max(0, now - at) / fadingMs)

export const usedAgain = (demand: Demand, now: number): Demand => ({ uses: usesAt(demand, now) + 1, at: now })

/** Sandboxes that are interchangeable, and what is known of them. */
export type Kind = {
  key: string
  /** So many wait even if nobody has used it yet. */
  floor: number
  /** Faded to now. */
  uses: number
  /** What one of them holds while it waits. */
  idleBytes: number
  /** From the moment one is taken until there is another. */
  replacedWithinMs: number
}

/** Of the memory that is there. The rest is for what runs, and for whatever else the machine is for. */
const shareOfMemory = 1 / 4
/** A waiting sandbox is at least two processes, and the kernel's bookkeeping of a dozen namespaces and mounts. */
const mostPerCpu = 16
/** Beyond this many of one kind the CPU is the limit: each run then waits for the one before anyway. */
const mostOfAKindPerCpu = 4

/**
 * How many of each kind are to wait.
 * Wanted are as many as come, with a margin, while a taken one is replaced. Every kind gets its first before one gets its second, the most
 * used first; what does not fit into the memory is left out, so with little of it those nobody uses go without.
 * @param memoryBytes what is free, together with what the waiting ones hold now
 */
export function waitingTargets(kinds: readonly Kind[], memoryBytes: number, cpus: number): Map<string, number> {
  const targets = new Map(kinds.map(({ key }) => [key, 0]))
  const byUse = kinds.map((kind) => ({ ...kind, wanted: wantedOf(kind, cpus) })).sort((a, b) => b.uses - a.uses)
  let bytes = memoryBytes * shareOfMemory
  let places = cpus * mostPerCpu
  for (let round = 1; byUse.some(({ wanted }) => wanted >= round); round++) {
    for (const { key, wanted, idleBytes } of byUse) {
      if (wanted < round || targets.get(key) !== round - 1 || idleBytes > bytes || places === 0) continue
      targets.set(key, round)
      bytes -= idleBytes
      places--
    }
  }
  return targets
}

function wantedOf({ uses, floor, replacedWithinMs }: Kind, cpus: number): number {
  if (isForgotten(uses)) return floor
  const expected = (uses / fadingMs) * replacedWithinMs
  // People come at random: nineteen times in twenty no more come than the mean and 1.65 times its root.
  const enough = Math.ceil(expected + 1.65 * Math.sqrt(expected))
  return Math.max(floor, Math.min(cpus * mostOfAKindPerCpu, Math.max(1, enough)))
}

export const isForgotten = (uses: number): boolean => uses < forgottenUses

/** What the engine's part of a container holds beside what is in it: shim, mounts, cgroups. */
const engineBytes = 6 * MiB

/** Before one has been measured. A runtime that waits holds 10 to 60 MiB, an agent alone next to nothing. */
export const estimatedIdleBytes = (agentArguments: readonly string[]): number =>
  engineBytes + 24 * MiB * agentArguments.filter((argument) => argument.startsWith('stage:')).length

export const idleBytesOf = (heldByContainer: number): number => engineBytes + heldByContainer

/**
 * Which waiting sandboxes make room for a run that needs `neededBytes` more than there is: a key for each that goes, the least used first.
 */
export function givingWay(
  kinds: readonly { key: string; uses: number; idleBytes: number; waiting: number }[],
  neededBytes: number,
): string[] {
  const going: string[] = []
  let missing = neededBytes
  for (const { key, idleBytes, waiting } of [...kinds].sort((a, b) => a.uses - b.uses))
    for (let nth = 0; nth < waiting && missing > 0; nth++) {
      going.push(key)
      missing -= idleBytes
    }
  return going
}
