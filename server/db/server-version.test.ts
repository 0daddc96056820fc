import { expect, test } from 'vitest'
import { refuseOld } from './server-version.ts'

test.each([90_624, 130_015, 149_999])('a PostgreSQL of version number %i is refused with what to do', (version) =>
  expect(() => refuseOld(version)).toThrow('needs 15 or newer'),
)

test.each([150_000, 150_008, 180_004, 1_000_000])('one of %i is served', (version) =>
  expect(() => refuseOld(version)).not.toThrow(),
)
