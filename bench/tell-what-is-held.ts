// Loaded before one of our processes that is measured. On SIGUSR2 it collects its garbage and says what it holds: a heap that is allowed
// gigabytes grows for many minutes before it is cleaned, which looks like a leak from outside.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

process.on('SIGUSR2', () => {
  collect()
  // What is finalized is free at the second time.
  setImmediate(() => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    process.stdout.write(`holds ${heapUsed + external} bytes\n`)
  })
})
