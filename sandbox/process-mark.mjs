// Which process wrote this, told from a later one that was given the same number.
// Plain JavaScript: set-up writes such marks before anything is installed, and the server reads them.
// The types are in process-mark.d.mts.

import { readFileSync } from 'node:fs'

export function markOf(pid) {
  return { pid, started: startOf(pid) }
}

export function lives({ pid, started }) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process lives all the same.
    if (error.code !== 'EPERM') return false
  }
  return startOf(pid) === started
}

/** When it was started, in words that no other process of that number shares; empty where the system does not say. */
function startOf(pid) {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields 3 and 22 (proc_pid_stat(5)). The second, the program's name, may hold spaces and brackets, so counting begins after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; only nobody has asked how.
    return fields[0] === 'Z' ? 'ended' : `${boot} ${fields[19]}`
  } catch {
    // No Linux, or the process is gone: then `lives` has said so already.
    return ''
  }
}
