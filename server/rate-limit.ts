import type { Policy, standingIn } from './sliding-window.ts'

/** One thing that is counted: who or what (`key`), and how much of it is allowed. */
export type Counted = { key: string; policy: Policy }
export type Standing = ReturnType<typeof standingIn>

/** Counts what has happened lately, in this process or in the Redis that all servers share. */
export type RateLimit = {
  /**
   * Counts one more for all of them if every one allows it, and for none otherwise: who is refused does not use anything up.
   * `standings` are in the order asked, after the counting.
   */
  take(counted: readonly Counted[]): Promise<{ allowed: boolean; standings: readonly Standing[] }>
}
