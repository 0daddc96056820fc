// One at a time, of all processes of this machine that use a folder. A holder that dies holds nothing any more.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { lives, markOf } from '../../sandbox/process-mark.mjs'

const askAgainMs = 500

/**
 * @param {string} path of the lock's file, in a folder that is there
 * @param {{ onWait?: (pid: number) => void, signal?: AbortSignal }} [options] `onWait` is told once who holds it
 * @returns {Promise<() => void>} gives it back; so does the end of this process. Rejects when `signal` is aborted first.
 */
export async function takeLock(path, { onWait, signal } = {}) {
  let told = false
  while (!tryLock(path)) {
    const holder = holderOf(path)
    if (holder && !lives(holder)) {
      clear(path, holder)
      continue
    }
    if (holder && !told) {
      told = true
      onWait?.(holder.pid)
    }
    await sleep(askAgainMs, undefined, { signal })
  }
  const giveBack = () => {
    process.off('exit', giveBack)
    rmSync(path, { force: true })
  }
  process.on('exit', giveBack)
  return giveBack
}

/** @param {string} path */
function tryLock(path) {
  // Written under another name first: whoever finds the lock finds its holder in it.
  const own = `${path}.${process.pid}`
  writeFileSync(own, JSON.stringify(markOf(process.pid)))
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** @param {string} path @returns {import('../../sandbox/process-mark.d.mts').ProcessMark | null} null when it has just been given back */
function holderOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw new Error(`${path} cannot be read (${error.message}).\nIf no other set-up runs, remove it.`)
  }
}

/**
 * Takes a dead holder's lock away. Somebody else may have done so, and may hold it by now: what was taken away is looked at,
 * and a living holder gets it back.
 * @param {string} path
 * @param {import('../../sandbox/process-mark.d.mts').ProcessMark} dead
 */
function clear(path, dead) {
  const aside = `${path}.dead.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw error
  }
  const taken = holderOf(aside)
  if (taken?.pid !== dead.pid || taken.started !== dead.started) linkSync(aside, path)
  rmSync(aside, { force: true })
}
