import type { Standing } from './shared-runs.ts'

/** What is to become of a run, by how it stands and whether its worker lives. */
export type Fate =
  | 'goes-on'
  /** Its worker is dead, and its program had started or was about to. */
  | 'interrupted'
  /** Nobody took it for longer than anybody waits. */
  | 'given-up'

/**
 * A run that a worker has claimed and not started is given to another one by the queue, when the dead worker's hold on the job has run out.
 * This long after the claim that must have happened.
 */
const redeliveredMs = 60_000
/**
 * Longer than anybody waits whose queue moves: a thousand runs on a machine with two cores that is busy with other work take twelve minutes.
 * Beyond it there is no worker for this language any more.
 */
const waitMs = 30 * 60_000

export function fateOf({ state, openedAt, claimedAt, now }: Standing, workerLives: boolean): Fate {
  switch (state) {
    case 'ended':
      return 'goes-on'
    case 'queued':
      return now - openedAt > waitMs ? 'given-up' : 'goes-on'
    case 'claimed':
      return !workerLives && now - (claimedAt ?? openedAt) > redeliveredMs ? 'interrupted' : 'goes-on'
    case 'running':
      return workerLives ? 'goes-on' : 'interrupted'
    default:
      return state satisfies never
  }
}
