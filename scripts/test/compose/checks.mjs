// Rules that are held against a running stack, and how many were kept.

/** @param {import('../../setup/say.mjs').Say} say */
export function createChecks(say) {
  const counts = { passed: 0, failed: 0 }
  return {
    counts,
    /** @param {string} rule @param {() => Promise<void> | void} act throws when it is broken */
    async check(rule, act) {
      try {
        await act()
        counts.passed++
        say.line(`✓ ${rule}`)
      } catch (error) {
        counts.failed++
        say.warn(`✗ ${rule}\n${error.message}`)
      }
    },
    /** What another program has counted. @param {{ passed: number, failed: number }} more */
    add(more) {
      counts.passed += more.passed
      counts.failed += more.failed
    },
    /** Something ended before its rules could be asked. @param {string} what */
    failed(what) {
      counts.failed++
      say.warn(`✗ ${what}`)
    },
  }
}

/** @typedef {ReturnType<typeof createChecks>} Checks */
