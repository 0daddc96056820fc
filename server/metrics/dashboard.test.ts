import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { createPrometheus, type Definition } from './prometheus.ts'

// What the files under deploy/ and docs/ say of the metrics, beside those there are.

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const Panel = z.object({
  type: z.string(),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ expr: z.string() })).optional(),
})
const dashboard = z
  .object({
    uid: z.string(),
    templating: z.object({ list: z.array(z.object({ definition: z.string().optional() })) }),
    panels: z.array(Panel),
  })
  .parse(JSON.parse(read('deploy/grafana/bug-ghost.json')))
const Rules = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })) })
const alerts = Rules.parse(parse(read('deploy/prometheus/alerts.yml'))).groups.flatMap(({ rules }) => rules)

const panels = dashboard.panels.filter(({ type }) => type !== 'row')
const shown = [
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [`the panel "${title}"`, expr])),
  ...dashboard.templating.list.flatMap(({ definition }): [string, string][] => (definition ? [['a variable', definition]] : [])),
]
const asked = [...shown, ...alerts.map(({ alert, expr }): [string, string] => [`the alert ${alert}`, expr])]

const definitions = new Map((await createPrometheus({ known: [], onTrouble() {} })).definitions().map((one) => [one.name, one]))

/** The metrics a query names, each with the labels it picks by. */
function metricsIn(expr: string): { metric: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:bugghost|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(([, metric = '', picked = '']) => ({
    metric,
    labels: [...picked.matchAll(/(\w+)\s*=?[=!~]/g)].map(([, label = '']) => label),
  }))
}

/** The definition behind a name in a query, which of a histogram is that of one of its parts. */
function definitionOf(metric: string): Definition | undefined {
  const whole = definitions.get(metric)
  if (whole) return whole.type === 'histogram' ? undefined : whole
  const histogram = definitions.get(metric.replace(/_(bucket|sum|count)$/, ''))
  return histogram?.type === 'histogram' ? histogram : undefined
}

test.each(asked)('%s asks for what we tell, by the labels it has', (_, expr) => {
  const found = metricsIn(expr)
  if (!/\bup\b/.test(expr)) expect(found.length, expr).toBeGreaterThan(0)
  // Those of the scrape itself.
  const byScrape = ['job', 'instance']
  for (const { metric, labels } of found) {
    const definition = definitionOf(metric)
    expect(definition, metric).toBeDefined()
    for (const label of labels) expect([...(definition?.labels ?? []), ...byScrape], metric).toContain(label)
  }
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, by = '']) => by.split(',').map((label) => label.trim()))
  const known = found.flatMap(({ metric }) => definitionOf(metric)?.labels ?? [])
  for (const label of grouped) expect([...known, ...byScrape, 'le']).toContain(label)
})

test('every metric of ours has its place on the dashboard', () => {
  const used = new Set(shown.flatMap(([, expr]) => metricsIn(expr).map(({ metric }) => definitionOf(metric)?.name)))
  const ours = [...definitions.keys()].filter((name) => name.startsWith('bugghost_'))
  expect(ours.filter((name) => !used.has(name))).toEqual([])
})

test('no two panels lie on each other, and none beside the page', () => {
  for (const [nth, { gridPos: a, title }] of dashboard.panels.entries()) {
    expect(a.x + a.w, title).toBeLessThanOrEqual(24)
    for (const { gridPos: b, title: other } of dashboard.panels.slice(nth + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
      expect(apart, `${title} and ${other}`).toBe(true)
    }
  }
})

test('docs/operating.md has a line for every metric of ours, with its type and labels, and for none there is not', () => {
  const rows = [...read('docs/operating.md').matchAll(/^\| `(bugghost_\w+)` \| (\w+) \|([^|]*)\|/gm)].map(
    ([, name, type, labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    }),
  )
  const ours = [...definitions.values()].filter(({ name }) => name.startsWith('bugghost_'))
  expect(rows).toEqual(ours.map(({ name, type, labels }) => ({ name, type, labels })))
})
