import { expect, test } from 'vitest'
import { expiredAmong, type OldRun } from './retention.ts'
import { sampleRunId } from './sample-run.ts'

const day = 24 * 60 * 60 * 1000
const now = 1_000 * day
const run = (ageDays: number, bytes = 10): OldRun => ({ runId: sampleRunId(), createdAt: new Date(now - ageDays * day), bytes })
const decide = (ages: number[], policy: { keepDays?: number; keepBytes?: number }, totalBytes = 0) =>
  expiredAmong(
    ages.map((age) => run(age)),
    { ...policy, keepShared: true },
    { now, totalBytes },
  ).map(({ by, keptDays }) => `${by} ${keptDays}`)

test.each([
  ['without a bound nothing goes', [900, 5], {}, 0, []],
  ['what is as old as the bound goes, and nothing younger', [31.5, 30, 29.999, 2], { keepDays: 30 }, 0, ['age 31', 'age 30']],
  ['the oldest go until the rest has room', [5, 4, 3, 2], { keepBytes: 70 }, 85, ['room 5', 'room 4']],
  ['what fits to the byte stays', [5, 4], { keepBytes: 85 }, 85, []],
  ['the age is told first, and counts for the room', [40, 5, 4], { keepDays: 30, keepBytes: 70 }, 85, ['age 40', 'room 5']],
  ['with no room at all everything goes', [2, 1], { keepBytes: 0 }, 20, ['room 2', 'room 1']],
  ['a run of the future is not old', [-3], { keepDays: 1 }, 0, []],
] as const)('%s', (_, ages, policy, totalBytes, expected) => expect(decide([...ages], policy, totalBytes)).toEqual(expected))
