import { expect, test } from 'vitest'
import { contract, type Endpoint } from '../protocol/contract.ts'
import { statusOfCode } from '../protocol/errors.ts'
import { openApi } from './openapi.ts'

const document = openApi('http://localhost:3000') as {
  paths: Record<
    string,
    Record<string, { responses: object; requestBody?: object; parameters?: { name: string; in: string; required: boolean }[] }>
  >
  components: { schemas: Record<string, unknown> }
}

function* refsIn(value: unknown): Generator<string> {
  if (value === null || typeof value !== 'object') return
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref') yield inner
    else yield* refsIn(inner)
  }
}

test('every reference leads somewhere, and every named schema is used', () => {
  const refs = new Set(refsIn(document))
  expect([...refs].toSorted()).toEqual(
    Object.keys(document.components.schemas)
      .map((name) => `#/components/schemas/${name}`)
      .toSorted(),
  )
})

test.each(Object.entries<Endpoint>(contract))('%s is described whole: body, parameters, answers and refusals', (_, endpoint) => {
  const operation = document.paths[endpoint.path]?.[endpoint.method.toLowerCase()]
  const statuses = [...Object.keys(endpoint.answers), ...endpoint.refuses.map((code) => String(statusOfCode[code]))]
  expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(statuses))
  expect(operation?.requestBody !== undefined).toBe(endpoint.body !== undefined)
  const names = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const inPath = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'path')
  expect(inPath.map(({ name, required }) => ({ name, required }))).toEqual(names.map((name) => ({ name, required: true })))
})

test('what is counted says so in the headers of its answers, and when to come again in those of its refusals', () => {
  const responses = document.paths['/api/runs']?.post?.responses as Record<string, { headers?: object }>
  const names = (status: string) => Object.keys(responses[status]?.headers ?? {})
  expect(names('202')).toEqual(['RateLimit-Policy', 'RateLimit'])
  expect(names('429')).toEqual(['Retry-After', 'RateLimit-Policy', 'RateLimit'])
  expect(names('422')).toEqual([])
  expect(JSON.stringify(document.paths['/api/runs/{run_id}'])).not.toContain('RateLimit')
})

test('a schema that is asked for and answered has one form', () => {
  expect(JSON.stringify(document)).not.toContain('$defs')
  expect(JSON.stringify(document)).not.toContain('$schema')
})
