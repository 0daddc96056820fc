// Runs another program: with a deadline, its last lines kept for the day it fails, and never left behind.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

import { onEnding } from './ending.mjs'
import { environment, setting } from './env.mjs'

/** Enough to see why a build failed, and a bound on what a talkative program makes us keep. */
const keptLines = 200

/**
 * How a program ended. `why` is empty when it exited with 0, else one line for people.
 * @typedef {{ ok: boolean, why: string, lines: string[], missing: boolean }} Ended
 *
 * @typedef {object} Options
 * @property {number} deadlineMs it is killed when it has not ended by then
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] the whole environment; by default ours
 * @property {(line: string) => void} [onLine] each line of stdout and stderr as it comes
 * @property {boolean} [shown] its output goes straight to ours, and it may read the terminal; nothing is kept
 * @property {AbortSignal} [signal] kills it, with the signal's reason as `why`
 * @property {boolean} [endsWithUs] true unless told otherwise: a signal that is to end us ends it, and then us. Otherwise it
 *   goes on until `signal`, or until we are gone
 * @property {number} [niceness] how far it stands back for others, up to 19
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Options} options
 * @returns {Promise<Ended>} never rejects because of the program
 */
export async function run(command, args, options) {
  const { deadlineMs, cwd, env = environment, onLine, shown = false, signal, endsWithUs = true, niceness = 0 } = options
  const child = spawn(command, args, { cwd, env, stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
  const lines = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (coloured) => {
      const line = coloured.replace(/\u001b\[[\d;]*[A-Za-z]/g, '')
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      onLine?.(line)
    })
  }
  let stopped = ''
  const stop = (why) => {
    stopped ||= why
    child.kill('SIGTERM')
    setTimeout(() => {
      child.kill('SIGKILL')
      // A grandchild may live on with our pipes in its hands, and would keep us waiting for their end.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, 5_000).unref()
  }
  const timer = setTimeout(() => stop(`no end after ${Math.round(deadlineMs / 1000)} s`), deadlineMs)
  const aborted = () => stop(String(signal?.reason ?? 'stopped'))
  signal?.addEventListener('abort', aborted)
  if (signal?.aborted) aborted()
  endedAtExit(child)
  if (endsWithUs) underOurSignals(child)
  if (niceness > 0 && child.pid) standBack(child.pid, niceness)
  try {
    const [code, killedBy] = await once(child, 'close')
    // Nobody is to go on with what comes next; we are about to end.
    if (ending) await new Promise(() => {})
    const why = stopped || (killedBy ? `ended by ${killedBy}` : code === 0 ? '' : `exit code ${code}`)
    return { ok: why === '', why, lines, missing: false }
  } catch (error) {
    const missing = error.code === 'ENOENT'
    return { ok: false, why: missing ? `there is no program "${command}" here` : error.message, lines, missing }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', aborted)
  }
}

/** Not all systems know priorities, and a program may have ended by now. @param {number} pid @param {number} niceness */
function standBack(pid, niceness) {
  try {
    setPriority(pid, niceness)
  } catch {
    // It is a courtesy: without it the program only gets more of the machine.
  }
}

/** However we end, what we started does not go on alone. @param {import('node:child_process').ChildProcess} child */
function endedAtExit(child) {
  const end = () => child.kill('SIGTERM')
  process.on('exit', end)
  const gone = () => process.off('exit', end)
  child.once('close', gone)
  child.once('error', gone)
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()
let listenNoMore = () => {}
let ending = false

/** While a program of ours runs, what ends us ends it first. @param {import('node:child_process').ChildProcess} child */
function underOurSignals(child) {
  if (children.size === 0) listenNoMore = onEnding(endWithChildren)
  children.add(child)
  const gone = () => {
    children.delete(child)
    if (children.size === 0) listenNoMore()
  }
  child.once('close', gone)
  child.once('error', gone)
}

function endWithChildren(signal) {
  ending = true
  const exit = () => process.exit(128 + constants.signals[signal])
  for (const child of children) child.kill('SIGTERM')
  Promise.all([...children].map((child) => once(child, 'close'))).then(exit, exit)
  setTimeout(exit, 5_000)
}

/**
 * How to start npm. With its script known it is run by the Node that is asked for: its launcher would take the first one
 * on PATH and, on Windows, need a shell.
 * @param {string} node
 * @returns {{ command: string, args: string[] }}
 */
export function npmBy(node) {
  const besideNode = dirname(process.execPath)
  const script = [
    setting('npm_execpath') ?? '',
    join(besideNode, 'node_modules/npm/bin/npm-cli.js'),
    join(besideNode, '../lib/node_modules/npm/bin/npm-cli.js'),
  ].find((path) => path.endsWith('npm-cli.js') && existsSync(path))
  return script ? { command: node, args: [script] } : { command: 'npm', args: [] }
}
