import type { RunId } from '../../protocol/ids.ts'

// Every key and channel in Redis that is ours. A worker's Redis user may touch these and the queue's, and nothing else
// (docs/workers.md): a prefix that changes here changes there.

const prefix = 'bugghost:'

/** BullMQ's own keys. */
export const queuePrefix = `${prefix}queue`

/** One queue for each version of each language: a worker takes from those it has the image of. BullMQ allows no ":" in it. */
export const queueName = (language: string, version: string): string => `${language}-${version}`

export const keys = {
  /** Hash: how it stands, who runs it, what it may still be sent. */
  run: (runId: RunId) => `${prefix}run:${runId}`,
  /** Stream: its events, in batches; an entry's id is the number of its last event + 1. */
  events: (runId: RunId) => `${prefix}run:${runId}:events`,
  /** List: what people sent it that its worker has not taken yet. */
  inbox: (runId: RunId) => `${prefix}run:${runId}:inbox`,
  /** Sorted set: the runs without an ending, by when they were accepted. */
  living: `${prefix}living`,
  /** Sorted set: the runs that have ended and are not in the database yet, by when they ended. */
  unkept: `${prefix}unkept`,
  /** Hash: how many runs each visitor, and each address, has waiting or under way. */
  owners: `${prefix}owners`,
  /** String with a lease: that a worker lives, and what it can run. */
  worker: (worker: string) => `${prefix}worker:${worker}`,
  /** Sorted set: every worker, by when it last said that it lives. */
  workers: `${prefix}workers`,
  /** String: which installation this is, so that a worker knows its own containers on an engine. */
  installation: `${prefix}installation`,
  /** Hash that expires: how often something was counted lately. Of the web servers alone. */
  rate: (policy: string, key: string) => `${prefix}rate:${policy}:${key}`,
  /** String with a lease: the web server that looks for lost runs at the moment. */
  watch: `${prefix}watch`,
} as const

export const channels = {
  /** New events of a run, as the batch itself. */
  events: (runId: RunId) => `${prefix}events:${runId}`,
  /** To one worker: the id of a run that has something in its inbox. */
  worker: (worker: string) => `${prefix}to:${worker}`,
  /** To all workers: the name of a queue that has a new job. */
  jobs: `${prefix}jobs`,
} as const
