import type { Page, Route, WebSocketRoute } from '@playwright/test'
import { defaultLimits } from '../protocol/limits.ts'
import type { Ending, Run, RunEvent } from '../protocol/run.ts'
import { messageOf, statusOf } from '../protocol/words.ts'

// A run as a scene of a play: the page is the real one, what the server would say of the run is written here. So a state that takes a full
// machine, a dead server or a second of luck looks the same every time.

const runId = 'sceneSceneSceneSceneScen'
const createdAt = '2026-03-14T09:26:53.000Z'

export type Scene = {
  files: { path: string; content: string }[]
  /** In order; they get their numbers here. */
  events?: Happening[]
  only?: Run['only']
}
type Happening = RunEvent extends infer E ? (E extends unknown ? Omit<E, 'seq'> : never) : never

/** The program in the editor. Written down before the page opens, as a visitor's own draft of another day. */
export async function withDraft(page: Page, files: Scene['files'], more: object = {}): Promise<void> {
  const draft = { files, entry: files[0]?.path, stdin: '', args: [], ...more }
  const drafts = { language: 'python', byLanguage: { python: draft } }
  await page.addInitScript((text) => localStorage.setItem('bugghost.drafts.1', text), JSON.stringify(drafts))
}

/** The server of a scene: takes one run, and tells what happens in it. `drop` takes the connection away, `back` lets it come again. */
export async function playScene(
  page: Page,
  { files, events = [], only = [] }: Scene,
): Promise<{ connected(): Promise<void>; drop(): Promise<void>; back(): Promise<void> }> {
  const numbered = events.map((event, seq) => ({ ...event, seq })) as RunEvent[]
  const sockets: WebSocketRoute[] = []
  const greeted = Promise.withResolvers<void>()
  let gone = false
  await page.route('**/api/runs', (route) =>
    route.request().method() === 'POST' ? route.fulfill({ status: 202, json: runOf(files, only) }) : route.fallback(),
  )
  await page.route(`**/api/runs/${runId}/events*`, (route) => route.abort())
  await page.route('**/socket.io/**', (route) => route.abort())
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    if (gone) return void socket.close({ code: 1001 })
    sockets.push(socket)
    answer(socket, numbered, greeted.resolve)
  })
  return {
    connected: () => greeted.promise,
    async drop() {
      gone = true
      await page.route('**/api/**', refuse)
      await Promise.all(sockets.map((socket) => socket.close({ code: 1001 })))
    },
    async back() {
      gone = false
      await page.unroute('**/api/**', refuse)
    },
  }
}

const refuse = (route: Route) => route.abort()

/** As much of Socket.IO's protocol (engine.io 4, socket.io 5) as a page that follows one run speaks. */
function answer(socket: WebSocketRoute, events: RunEvent[], onGreeted: () => void): void {
  socket.send('0{"sid":"scene","upgrades":[],"pingInterval":300000,"pingTimeout":300000,"maxPayload":1000000}')
  socket.onMessage((message) => {
    const text = String(message)
    if (text.startsWith('40')) {
      socket.send('40{"sid":"scene"}')
      onGreeted()
      return
    }
    const asked = /^42(\d+)\["run:follow"/.exec(text)
    if (!asked) return
    socket.send(`43${asked[1]}[{"ok":true}]`)
    if (events.length > 0) socket.send(`421${JSON.stringify(['run:event', { run_id: runId, events }])}`)
  })
}

export const ending = (verdict: Ending['verdict'], more: Partial<Ending> = {}): Happening => ({
  type: 'finished',
  at: 1480,
  verdict,
  exit_code: verdict.kind === 'exited' || verdict.kind === 'compile-failed' ? verdict.exit_code : null,
  signal: null,
  oom: false,
  usage: { cpu_ms: 61, memory_peak_bytes: 11_744_051 },
  duration_ms: 1472,
  stdout_bytes: 84,
  stderr_bytes: 0,
  truncated: { stdout: false, stderr: false },
  ...more,
})

export const started = (stage: 'compile' | 'run' = 'run'): Happening => ({ type: 'started', at: 8, stage })
export const wrote = (text: string, stream: 'stdout' | 'stderr' = 'stdout', stage: 'compile' | 'run' = 'run'): Happening => ({
  type: 'output',
  at: 40,
  stage,
  stream,
  text,
})
/** What it used, a quarter of a second apart. */
export const used = (...samples: [cpuMs: number, mebibytes: number][]): Happening[] =>
  samples.map(([cpu_ms, mebibytes], n) => ({
    type: 'usage',
    at: 250 * (n + 1),
    stage: 'run',
    cpu_ms,
    memory_bytes: mebibytes * 2 ** 20,
  }))

/** A line of a visitor's history. */
export function summaryOf(excerpt: string, verdict: Ending['verdict'], more: object = {}) {
  const { type: _, at: _at, ...facts } = ending(verdict) as Ending & { type: string; at: number }
  return {
    run_id: runId,
    language: 'python',
    version: '3.13',
    status: statusOf(verdict),
    verdict,
    message: messageOf(facts, defaultLimits),
    duration_ms: 1472,
    created_at: createdAt,
    url: `/r/${runId}`,
    name: null,
    pinned: false,
    excerpt,
    ...more,
  }
}

const runOf = (files: Scene['files'], only: Run['only']): object => ({
  run_id: runId,
  language: 'python',
  version: '3.13',
  mode: only.length > 0 ? 'test' : 'run',
  only,
  status: 'queued',
  verdict: null,
  message: 'Waiting for a sandbox',
  stdout: '',
  stderr: '',
  stdout_bytes: 0,
  stderr_bytes: 0,
  truncated: { stdout: false, stderr: false },
  exit_code: null,
  signal: null,
  oom: false,
  image: 'bugghost/python',
  image_digest: 'sha256:0',
  limits: defaultLimits,
  usage: null,
  limit: null,
  diagnostics: [],
  stacks: [],
  tests: null,
  artifacts: [],
  notes: [],
  flags: {},
  tty: null,
  queued_ms: null,
  duration_ms: null,
  created_at: createdAt,
  started_at: null,
  completed_at: null,
  files,
  entry: files[0]?.path,
  stdin: '',
  args: [],
  url: `/r/${runId}`,
  name: null,
})
