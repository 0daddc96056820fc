/** The oldest that is tested. */
export const oldestMajor = 15

/** `server_version_num` is the major version times 10,000 and the minor one. Throws a sentence for people. */
export function refuseOld(serverVersionNum: number): void {
  const major = Math.floor(serverVersionNum / 10_000)
  if (major >= oldestMajor) return
  throw new Error(
    `DATABASE_URL leads to a PostgreSQL ${major}, and Bug Ghost needs ${oldestMajor} or newer: upgrade it, or leave DATABASE_URL out to use a database of Bug Ghost's own.`,
  )
}
