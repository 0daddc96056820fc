// Loaded by every Node of a sandbox before the program. It makes the process able to say where it hangs; and a Node that was started
// ahead waits here, just before it loads the main file, until the run is known.
// What the first lines of most programs need is loaded first; what a plain start would not show is put back afterwards.
'use strict'
const language = process.env.BUGGHOST_WARM
delete process.env.BUGGHOST_WARM

const preload = process.execArgv.indexOf('-r')
if (preload >= 0) process.execArgv.splice(preload, 2)
require('/opt/bugghost/stacks.cjs')

if (language) {
  const control = 3
  const fs = require('node:fs')
  const modules = require('node:module')
  const path = require('node:path')
  process.stdout
  process.stderr
  require('node:util').inspect({ a: [1, 'x'], m: new Map([[1, 2]]) })

  require({ javascript: '/opt/bugghost/warm-up.cjs', typescript: '/opt/bugghost/warm-up.ts' }[language])

  /** Node knows its main file by now, but starts it by a property that it lets everybody change. */
  const runInstead = (main) => {
    if (main === process.argv[1]) return
    process.argv[1] = main
    const { runMain } = modules
    Object.defineProperty(modules, 'runMain', {
      configurable: true,
      enumerable: true,
      get() {
        Object.defineProperty(modules, 'runMain', { value: runMain, configurable: true, enumerable: true, writable: true })
        // Bound: a function of ours would be seen at the end of every stack trace.
        return runMain.bind(modules, main)
      },
    })
  }

  fs.writeSync(control, 'R')
  const read = (count) => {
    const bytes = Buffer.alloc(count)
    for (let filled = 0; filled < count; ) {
      const got = fs.readSync(control, bytes, filled, count - filled)
      if (got === 0) process.exit(0)
      filled += got
    }
    return bytes
  }
  const [entry, ...args] = read(read(4).readUInt32BE(0)).toString('utf8').split('\0').slice(0, -1)
  fs.closeSync(control)
  runInstead(path.resolve(entry))
  process.argv.push(...args)
  // The engine gives it to what a container starts first, and the agent does not pass it on.
  delete process.env.HOSTNAME
}

const { _pathCache: resolved } = require('node:module')
for (const [request, file] of Object.entries(resolved)) if (file.startsWith('/opt/bugghost/')) delete resolved[request]
for (const file of Object.keys(require.cache)) if (file.startsWith('/opt/bugghost/')) delete require.cache[file]
