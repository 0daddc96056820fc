import { AppError, type Issue } from '../protocol/errors.ts'

/** A request of the right shape with a wrong value: which field, and what is allowed there. */
export const invalid = (message: string, issues: Issue[]): AppError => new AppError('invalid', message, { issues })
