// What the scripts are told from outside. They run before the server's own env.ts can, so they have this one door.

const given = process.env

/** The environment as given, for programs that are started with it. */
export const environment = given

/** @param {string} name @returns {string | undefined} undefined when unset or empty */
export function setting(name) {
  return given[name] || undefined
}
