import { z } from 'zod'

/**
 * The address of a run: 24 characters without look-alikes (no 0, O, 1, l, I), about 139 random bits.
 * A paste may hold a secret, so an address must not be guessable from anything, another address least of all.
 */
export const runIdAlphabet = '23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ'
export const runIdLength = 24
export const RunId = z
  .string()
  .regex(new RegExp(`^[${runIdAlphabet}]{${runIdLength}}$`))
  .brand<'RunId'>()
  .meta({ description: 'The address of a run: 24 letters and digits.', example: 'k7Vb2mXq9RwTz4HnPs6JcYdF' })
export type RunId = z.infer<typeof RunId>

/** Who asks. At first an anonymous visitor, known by a signed cookie. */
export const ActorId = z.string().min(1).max(64).brand<'ActorId'>()
export type ActorId = z.infer<typeof ActorId>
