import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Verdict } from '../../protocol/run.ts'
import type { Connection, Door, Kind, Looked, Metrics } from './metrics.ts'

// Every metric there is, in Prometheus' words: seconds, `_total` for what only grows. Labels have few values: languages and versions are those
// of the manifests, the rest are words of ours. docs/operating.md lists them for people.

/** From a sandbox that waits (milliseconds) to a queue that is too long. */
const waitBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Programs may run for a minute, and compile before. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120]
const lagBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const engineBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 45]

const ourFailures: readonly Verdict['kind'][] = ['sandbox-failed', 'interrupted']
const ourRefusals: readonly ErrorCode[] = ['too-many-requests', 'unavailable', 'internal']

export type Prometheus = {
  metrics: Metrics
  contentType: string
  /** Everything there is to say now. */
  text(): Promise<string>
  definitions(): Definition[]
}

export type Definition = { name: string; help: string; type: 'counter' | 'gauge' | 'histogram' | 'summary'; labels: string[] }

export async function createPrometheus({ known, onTrouble }: { known: readonly Kind[]; onTrouble(error: unknown): void }) {
  // Only a process that is asked for metrics loads this.
  const prom = await import('prom-client')
  const register = new prom.Registry()
  prom.collectDefaultMetrics({ register })
  return describe(prom, register, known, onTrouble)
}

function describe(
  prom: typeof import('prom-client'),
  register: Registry,
  known: readonly Kind[],
  onTrouble: (error: unknown) => void,
): Prometheus {
  const kinds = new Set(known.map(({ language, version }) => `${language} ${version}`))
  const looked: Partial<Looked> = {}
  const registers = [register]

  const runs: Counter = new prom.Counter({
    name: 'bugghost_runs_total',
    help: 'Runs that have ended, by how.',
    labelNames: ['language', 'version', 'verdict'],
    registers,
  })
  const durations: Histogram = new prom.Histogram({
    name: 'bugghost_run_duration_seconds',
    help: "From the start of a run's first stage to the end of its last.",
    labelNames: ['language', 'version'],
    buckets: durationBuckets,
    registers,
  })
  const waits: Histogram = new prom.Histogram({
    name: 'bugghost_run_wait_seconds',
    help: 'From the acceptance of a run to the start of its first stage.',
    labelNames: ['language', 'version'],
    buckets: waitBuckets,
    registers,
  })
  const acquired: Counter = new prom.Counter({
    name: 'bugghost_sandboxes_acquired_total',
    help: 'Sandboxes given to runs: one that was waiting, or one made for the run.',
    labelNames: ['language', 'version', 'from'],
    registers,
  })
  const engineCalls: Histogram = new prom.Histogram({
    name: 'bugghost_engine_call_seconds',
    help: 'What the container engine was asked for around a sandbox.',
    labelNames: ['call', 'outcome'],
    buckets: engineBuckets,
    registers,
  })
  const lags: Histogram = new prom.Histogram({
    name: 'bugghost_event_lag_seconds',
    help: 'From an event of a run to when it can be read by others, and to when it is in the database.',
    labelNames: ['until'],
    buckets: lagBuckets,
    registers,
  })
  const refusals: Counter = new prom.Counter({
    name: 'bugghost_refusals_total',
    help: 'Requests and messages that were refused, by the code of the refusal.',
    labelNames: ['door', 'code'],
    registers,
  })
  const connections: Gauge = new prom.Gauge({
    name: 'bugghost_connections',
    help: 'Open connections that are told of events: pages (Socket.IO), event streams, log sockets.',
    labelNames: ['kind'],
    registers,
    collect() {
      if (looked.pages) this.set({ kind: 'page' satisfies Connection }, looked.pages())
    },
  })
  new prom.Gauge({
    name: 'bugghost_queue_runs',
    help: 'Runs that are accepted and have not begun.',
    labelNames: ['language', 'version'],
    registers,
    async collect() {
      if (!looked.waiting) return
      this.reset()
      try {
        for (const { runs, ...kind } of await looked.waiting()) this.inc(labelsOf(kind), runs)
      } catch (error) {
        // Then nothing is said of the queue, and all the rest is.
        onTrouble(error)
      }
    },
  })
  new prom.Gauge({
    name: 'bugghost_sandboxes',
    help: 'Sandboxes of this process: waiting for a run, or in one.',
    labelNames: ['state'],
    registers,
    collect() {
      if (!looked.sandboxes) return
      const { waiting, running } = looked.sandboxes().sandboxes
      this.set({ state: 'waiting' }, waiting)
      this.set({ state: 'running' }, running)
    },
  })
  new prom.Gauge({
    name: 'bugghost_engine_up',
    help: 'Whether the container engine of this process answers.',
    registers,
    collect() {
      if (looked.sandboxes) this.set(looked.sandboxes().engine.ok ? 1 : 0)
      else this.remove()
    },
  })

  // A counter that appears with 1 has not grown, as Prometheus sees it: what somebody is woken for begins at 0.
  for (const kind of known) for (const verdict of ourFailures) runs.inc({ ...kind, verdict }, 0)
  for (const code of ourRefusals) refusals.inc({ door: 'http' satisfies Door, code }, 0)

  function labelsOf({ language, version }: Kind): Kind {
    return kinds.has(`${language} ${version}`) ? { language, version } : { language: 'other', version: '' }
  }

  return {
    metrics: {
      ended({ verdict, waitedMs, durationMs, acquired: sandbox, ...kind }) {
        const labels = labelsOf(kind)
        runs.inc({ ...labels, verdict })
        if (sandbox) acquired.inc({ ...labels, from: sandbox.from })
        if (waitedMs === null) return
        waits.observe(labels, waitedMs / 1000)
        durations.observe(labels, durationMs / 1000)
      },
      readable: (lagMs) => lags.observe({ until: 'readable' }, Math.max(0, lagMs) / 1000),
      kept: (lagMs) => lags.observe({ until: 'kept' }, Math.max(0, lagMs) / 1000),
      engineCall: (call, ms, done) => engineCalls.observe({ call, outcome: done ? 'done' : 'failed' }, ms / 1000),
      refused: (door, code) => refusals.inc({ door, code }),
      reading(by) {
        connections.inc({ kind: by })
        let open = true
        return () => {
          if (open) connections.dec({ kind: by })
          open = false
        }
      },
      lookAt(question, ask) {
        looked[question] = ask
      },
    },
    contentType: register.contentType,
    text: () => register.metrics(),
    definitions: () =>
      register.getMetricsAsArray().map((metric) => {
        const { name, help, type, labelNames = [] } = metric as unknown as Omit<Definition, 'labels'> & { labelNames?: string[] }
        return { name, help, type, labels: [...labelNames] }
      }),
  }
}
