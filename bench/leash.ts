// Runs a program that does not outlive whoever started it: `node leash.ts <program> <arguments…>`, with a pipe for stdin that nobody writes to.
// When its other end is closed, also by the kernel after a SIGKILL, the program is asked to end, and killed if it does not.
import { spawn } from 'node:child_process'

const [program, ...args] = process.argv.slice(2)
if (!program) throw new Error('usage: node leash.ts <program> <arguments…>')
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', (error) => {
  throw error
})
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))

/** A server that was asked to end has ended within nine seconds. */
const patienceMs = 12_000
function end(): void {
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), patienceMs)
}
process.stdin.resume().once('end', end).once('error', end)
// From a terminal the signal reaches the program as well.
process.on('SIGINT', () => {})
process.once('SIGTERM', end)
