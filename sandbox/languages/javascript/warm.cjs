// Lets a Node that was started ahead wait, just before it loads the main file, until the run is known.
// What the first lines of most programs need is loaded first; what a plain start would not show is put back afterwards.
'use strict'
const language = process.env.BUGGHOST_WARM
delete process.env.BUGGHOST_WARM

if (language) {
  const control = 3
  const fs = require('node:fs')
  const modules = require('node:module')
  process.execArgv.splice(process.execArgv.indexOf('-r'), 2)
  process.stdout
  process.stderr
  require('node:util').inspect({ a: [1, 'x'], m: new Map([[1, 2]]) })

  const warmUp = { javascript: '/opt/bugghost/warm-up.cjs', typescript: '/opt/bugghost/warm-up.ts' }[language]
  require(warmUp)
  if (language === 'typescript') modules.stripTypeScriptTypes('enum E { A }; const e: E = E.A', { mode: 'transform' })

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
  const words = read(read(4).readUInt32BE(0)).toString('utf8').split('\0').slice(0, -1)
  fs.closeSync(control)
  process.argv.push(...words)
  delete require.cache[warmUp]
  delete require.cache[__filename]
}
