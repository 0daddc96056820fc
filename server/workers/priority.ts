/** What BullMQ takes; lower is sooner. */
const most = 2_097_152

/**
 * The place of a job in its queue: whoever has fewer runs waiting or under way comes first, and of those somebody who sits before the run
 * before a program that waits for an answer. So a crowd of one visitor's runs delays their own and nobody else's.
 * @param ofOwner how many runs the visitor has, this one included
 */
export function priorityOf({ ofOwner, interactive }: { ofOwner: number; interactive: boolean }): number {
  return Math.min(most, Math.max(1, ofOwner) * 2 - (interactive ? 1 : 0))
}
