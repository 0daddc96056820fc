import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

// The manifests of deploy/kubernetes, and what Kubernetes itself would say of their shape.

export const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
export type Manifest = z.infer<typeof Manifest>

export function readManifests(folder: string): Manifest[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return files.flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) => Manifest.parse(document.toJS())),
  )
}

export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

/** What is missing or of the wrong type, by the schemas of Kubernetes' own OpenAPI document, which kubernetes-models carries. */
export async function misshapen(manifest: Manifest): Promise<string[]> {
  const { apiVersion, kind } = manifest
  const models = (await import(`kubernetes-models/${apiVersion}/${kind}`)) as Record<string, ModelClass>
  const model = new models[kind]!(manifest)
  try {
    model.validate()
    return []
  } catch (error) {
    return [`${nameOf(manifest)}: ${(error as Error).message}`]
  }
}

type ModelClass = new (content: object) => { validate(): void }

/**
 * A module that only compiles when no manifest has a field its kind does not know: schemas let those pass, and Kubernetes
 * ignores them, so that a misspelt `securityContext` would be none at all.
 */
export function asTypeScript(manifests: readonly Manifest[]): string {
  return manifests
    .flatMap((manifest, at) => [
      `import type { I${manifest.kind} as Kind${at} } from 'kubernetes-models/${manifest.apiVersion}/${manifest.kind}'`,
      `export const manifest${at}: Kind${at} = ${JSON.stringify(manifest)}`,
    ])
    .join('\n')
}
