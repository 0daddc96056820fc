import { AppError } from '../protocol/errors.ts'
import { requestLimits } from '../protocol/limits.ts'
import { bytes } from '../protocol/words.ts'
import { mostOfEach } from './dispatch.ts'

// What somebody is told who types, signals or resizes where that is not possible (any more), wherever the run is.

export const ended = () => new AppError('conflict', 'This run has already ended.')
export const inputClosed = () => new AppError('conflict', 'The input of this run is closed.')
export const tooMuchInput = () => new AppError('too-large', `A run takes at most ${bytes(requestLimits.stdinBytes)} of input.`)
export const tooManySignals = () => new AppError('too-many-requests', `A run takes at most ${mostOfEach.signals} signals.`)
export const tooManyResizes = () =>
  new AppError('too-many-requests', `A run takes at most ${mostOfEach.resizes} changes of size.`)
export const notRunning = () => new AppError('conflict', 'The program is not running, so it cannot take a signal.')
export const noTerminal = () => new AppError('conflict', 'The program has no terminal, or has ended.')
