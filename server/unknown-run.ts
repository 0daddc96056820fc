import { AppError } from '../protocol/errors.ts'

/** One sentence for every way to ask for a run that is not there, an address of the wrong form included. */
export const unknownRun = (): AppError => new AppError('not-found', 'There is no run with this address.')

export const deletedRun = (): AppError => new AppError('gone', 'This run was deleted by whoever made it.')

export const unknownArtifact = (): AppError => new AppError('not-found', 'The run left no such file, or has not left it yet.')
