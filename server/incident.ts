import { randomBytes } from 'node:crypto'

/** The number of one failure of ours: short enough to read out, and to find the log line that tells the cause. */
export const newIncident = (): string => randomBytes(5).toString('hex')
