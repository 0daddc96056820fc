import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { asTypeScript, type Manifest, misshapen, nameOf, readManifests } from './kubernetes-manifests.ts'

const root = join(import.meta.dirname, '../..')
const manifests = readManifests(join(root, 'deploy/kubernetes'))
/** By this the policies know pods. */
const nameLabel = 'app.kubernetes.io/name'
const named = manifests.map((manifest) => [nameOf(manifest), manifest] as const)

const Container = z.looseObject({
  securityContext: z.looseObject({ privileged: z.boolean().optional() }).optional(),
  resources: z.looseObject({ limits: z.record(z.string(), z.unknown()).optional() }).optional(),
})
const Pod = z.looseObject({
  automountServiceAccountToken: z.boolean().optional(),
  containers: z.array(Container),
})
const HasTemplate = z.looseObject({
  template: z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }), spec: Pod }),
})
const Policy = z.looseObject({
  podSelector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).optional() }),
})

const pods = manifests.flatMap((manifest) => {
  const { success, data } = HasTemplate.safeParse(manifest.spec)
  if (!success) return []
  const { metadata, spec } = data.template
  return [{ name: nameOf(manifest), namespace: manifest.metadata.namespace, label: metadata.labels[nameLabel], spec }]
})
const policies = manifests
  .filter(({ kind }) => kind === 'NetworkPolicy')
  .map(({ metadata, spec }) => ({ namespace: metadata.namespace, spec: Policy.parse(spec) }))

test('there are the engine, the app and what builds the images', () => {
  const names = ['Deployment bugghost/app', 'StatefulSet bugghost-engine/dind', 'Job bugghost/sandbox-images']
  expect(pods.map(({ name }) => name)).toEqual(names)
})

test.each(named)('%s has what its kind needs, of the right types', async (_, manifest) => {
  expect(await misshapen(manifest)).toEqual([])
})

test('a field of the wrong type would be noticed', async () => {
  const wrong = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'wrong' }, spec: { ports: [{ port: 'http' }] } }
  expect(await misshapen(wrong)).toEqual(['Service /wrong: data/spec/ports/0/port must be integer'])
})

test('no manifest has a field that its kind does not know, and one that had would be noticed', { timeout: 120_000 }, () => {
  const misspelt: Manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'misspelt' }, spec: { hostNetwrok: false } }
  // Under the root, or the types would not be found.
  const folder = join(root, 'dist', `manifests-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(join(folder, 'ours.ts'), asTypeScript(manifests))
    writeFileSync(join(folder, 'misspelt.ts'), asTypeScript([misspelt]))
    const { stdout } = spawnSync(
      process.execPath,
      [
        ...[join(root, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck'],
        ...['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2023', 'ours.ts', 'misspelt.ts'],
      ],
      { cwd: folder, encoding: 'utf8' },
    )
    const errors = stdout.split('\n').filter(Boolean)
    expect(errors.filter((line) => line.startsWith('ours.ts'))).toEqual([])
    expect(errors).toEqual([expect.stringMatching(/^misspelt\.ts.*"hostNetwrok"' does not exist/)])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('only the engine is privileged, in a namespace of its own, on nodes of its own', () => {
  const privileged = pods.filter(({ spec }) => spec.containers.some(({ securityContext }) => securityContext?.privileged))
  expect(privileged.map(({ name }) => name)).toEqual(['StatefulSet bugghost-engine/dind'])
  const { spec } = privileged[0]!
  expect(spec.nodeSelector).toEqual({ 'bugghost.io/engine': 'yes' })
  expect(spec.tolerations).toEqual([expect.objectContaining({ key: 'bugghost.io/engine', effect: 'NoSchedule' })])
})

test('everything else passes for "restricted": nobody, without privileges, on a root that cannot be written to', () => {
  for (const { spec } of pods.filter(({ namespace }) => namespace === 'bugghost')) {
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    for (const { securityContext } of spec.containers) {
      expect(securityContext).toEqual({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      })
    }
  }
})

test('no pod has a token for the cluster, and none is without limits', () => {
  for (const { spec } of pods) {
    expect(spec.automountServiceAccountToken).toBe(false)
    for (const { resources } of spec.containers) expect(resources?.limits?.memory).toBeDefined()
  }
})

test('no secret has a value here', () => {
  expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([])
})

test('in both namespaces nobody may talk to anybody, and every pod has a policy that says to whom it may', () => {
  for (const namespace of ['bugghost', 'bugghost-engine']) {
    const closing = policies.filter((one) => one.namespace === namespace && Object.keys(one.spec.podSelector).length === 0)
    expect(closing.map(({ spec }) => spec)).toEqual([{ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }])
  }
  for (const { namespace, label } of pods) {
    const own = policies.filter((one) => one.namespace === namespace && one.spec.podSelector.matchLabels?.[nameLabel] === label)
    expect(own.length).toBe(1)
  }
})

test('the engine is started as docker-compose.yml starts it', async () => {
  const { readCompose } = await import('./compose-promises.ts')
  const { image, command } = readCompose(join(root, 'docker-compose.yml')).services.dind!
  const { containers } = pods.find(({ name }) => name.endsWith('/dind'))!.spec
  expect(containers[0]).toMatchObject({ image, args: command })
})
