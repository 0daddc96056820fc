// When are we to end.

import { setting } from './env.mjs'

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Calls `end` for each signal that asks us to end, and once when the npm that started us is gone: npm passes a signal to the
 * shell between us, and the shell dies of it without passing it on.
 * @param {(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void} end
 * @returns {() => void} stop listening
 */
export function onEnding(end) {
  for (const signal of signals) process.on(signal, end)
  const startedBy = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === startedBy) return
    clearInterval(watch)
    end('SIGTERM')
  }, 250)
  watch.unref()
  // Started by a person, we may well outlive the shell.
  if (!setting('npm_lifecycle_event')) clearInterval(watch)
  return () => {
    clearInterval(watch)
    for (const signal of signals) process.off(signal, end)
  }
}
