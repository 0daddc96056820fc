// The PostgreSQL of this system, which the tests use as the one an operator has outside. Its own server is never touched.

import { existsSync, readdirSync } from 'node:fs'

import { aptInstall, debianHere } from './debian.mjs'

/** Where Debian, Ubuntu and their kin put it; the tests look there too (server/db/test-outside-postgres.ts). */
const folder = '/usr/lib/postgresql'
/** The same as in server/db/server-version.ts. */
const oldestMajor = 15

function isThere() {
  if (!existsSync(folder)) return false
  return readdirSync(folder).some((major) => Number(major) >= oldestMajor && existsSync(`${folder}/${major}/bin/initdb`))
}

/**
 * @param {{ installAllowed: boolean }} options
 * @param {import('./say.mjs').Say} say
 * @returns {Promise<boolean>} whether there is one; why not has been said
 */
export async function ensurePostgresServer({ installAllowed }, say) {
  if (isThere()) return true
  const debian = await debianHere({ installAllowed })
  const title = 'Installing PostgreSQL for the database tests'
  if (debian && (await aptInstall(debian, { needed: ['postgresql'] }, title, say)) && isThere()) return true
  say.warn(
    `The database tests need a PostgreSQL ${oldestMajor} or newer in ${folder}, and there is none.\nInstall Debian's or Ubuntu's package "postgresql".`,
  )
  return false
}
