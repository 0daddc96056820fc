// What a JavaScript thread says when it is asked where it is (stacks.cc asks): one line of JSON,
//   {"thread": "main", "state": "running" | "blocked" | "idle", "waits_for": ["Timeout", …], "frames": [{file, line, column, function}, …]}
// innermost frame first. `blocked` is in a system call that JavaScript made and waits for; `idle` runs no JavaScript, and
// `waits_for` names what would wake it, in node's words.
'use strict'
const { findSourceMap } = require('node:module')
const { fileURLToPath } = require('node:url')
const { isMainThread, threadId } = require('node:worker_threads')
const { start } = require('./stacks.node')

const file = '/tmp/.bugghost-stacks'
const framesMax = 100
const charactersMax = 300

// Taken now: the program may replace them.
const { Error, JSON } = globalThis
const activeResources = process.getActiveResourcesInfo.bind(process)
const activeHandles = process._getActiveHandles.bind(process)

// The state it is in with a stack, and the one without; '' for the latter: an empty stack is no answer, it will be asked again.
start(file, (stateWithStack, stateWithout) => {
  const frames = callSites().map(placeOf)
  const state = frames.length > 0 ? stateWithStack : stateWithout
  if (state === '') return ''
  const thread = isMainThread ? 'main' : `worker ${threadId}`
  return `${JSON.stringify({ thread, state, waits_for: state === 'idle' ? wakers() : [], frames })}\n`
})

/** Each kind once. Node counts stdout and stderr among them, which never wake anybody. */
function wakers() {
  const names = activeResources()
  for (const { fd } of activeHandles()) {
    const at = fd === 1 || fd === 2 ? names.findIndex((name) => name === 'PipeWrap' || name === 'TTYWrap') : -1
    if (at >= 0) names.splice(at, 1)
  }
  return [...new Set(names)].slice(0, framesMax)
}

/** The calls under way, without the text node or the program would make of them. */
function callSites() {
  const before = ['prepareStackTrace', 'stackTraceLimit'].map((name) => [name, Object.getOwnPropertyDescriptor(Error, name)])
  try {
    Object.defineProperty(Error, 'stackTraceLimit', { value: framesMax, configurable: true, writable: true, enumerable: true })
    Object.defineProperty(Error, 'prepareStackTrace', { value: (_, sites) => sites, configurable: true, writable: true })
    const sites = new Error().stack
    return Array.isArray(sites) ? sites.filter((site) => site.getFileName() !== __filename) : []
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(Error, name, descriptor)
      else delete Error[name]
    }
  }
}

function placeOf(site) {
  const script = site.getFileName() ?? '<anonymous>'
  const generated = { line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 1 }
  const written = generated.line > 0 ? findSourceMap(script)?.findEntry(generated.line - 1, generated.column - 1) : undefined
  const place = written?.originalLine >= 0 ? { line: written.originalLine + 1, column: written.originalColumn + 1 } : generated
  const type = site.isToplevel() || site.isConstructor() ? '' : site.getTypeName()
  const name = site.getFunctionName()
  return {
    file: (script.startsWith('file://') ? fileURLToPath(script) : script).slice(0, charactersMax),
    ...place,
    function: (name && type && type !== 'Object' && !name.includes('.') ? `${type}.${name}` : (name ?? '')).slice(0, charactersMax),
  }
}
