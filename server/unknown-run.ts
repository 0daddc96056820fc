import { AppError } from '../protocol/errors.ts'
import type { Removal } from './store.ts'

/** One sentence for every way to ask for a run that is not there, an address of the wrong form included. */
export const unknownRun = (): AppError => new AppError('not-found', 'There is no run with this address.')

export const removedRun = (removal: Removal): AppError => new AppError('gone', sentenceFor(removal))

function sentenceFor(removal: Removal): string {
  switch (removal.by) {
    case 'owner':
      return 'This run was deleted by whoever made it.'
    case 'age':
      return `This run was removed after ${days(removal.keptDays)}: this server keeps runs no longer.`
    case 'room':
      return `This run was removed after ${days(removal.keptDays)}, to make room for newer ones.`
    default:
      return removal satisfies never
  }
}

const days = (count: number): string => (count < 1 ? 'less than a day' : count === 1 ? 'a day' : `${count} days`)

export const unknownArtifact = (): AppError => new AppError('not-found', 'The run left no such file, or has not left it yet.')
