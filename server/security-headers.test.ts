import { expect, test } from 'vitest'
import { isPage, securityHeaders } from './security-headers.ts'

const headers = (path: string, more = {}) =>
  securityHeaders({ path, host: 'localhost:3000', nonce: 'abc', https: false, dev: false, ...more })
const policy = (path: string, more = {}) => headers(path, more)['content-security-policy'] ?? ''

test('a page runs only scripts that carry its nonce, and is shown in nobody’s frame', () => {
  expect(policy('/')).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';")
  expect(policy('/')).toContain("frame-ancestors 'none'")
  expect(policy('/')).not.toContain('unsafe-eval')
  expect(policy('/', { dev: true })).toContain("'unsafe-eval'")
})

test('only an embedded run may stand in a frame of another page', () => {
  expect(policy('/embed/k7Vb2mXq9RwTz4HnPs6JcYdF')).toContain('frame-ancestors *')
  expect(headers('/embed/k7Vb2mXq9RwTz4HnPs6JcYdF')).not.toHaveProperty('x-frame-options')
  for (const path of ['/', '/r/k7Vb2mXq9RwTz4HnPs6JcYdF', '/runs', '/embedded', '/api/oembed']) {
    expect(policy(path)).toContain("frame-ancestors 'none'")
    expect(headers(path)).toHaveProperty('x-frame-options', 'DENY')
  }
})

test.each(['/_next/static/a.js', '/_editor/1/editor.js', '/api/runs', '/socket.io/'])('%s is no page', (path) =>
  expect(isPage(path)).toBe(false),
)

test('a page talks to its own host, by WebSocket too', () => {
  expect(policy('/')).toContain("connect-src 'self' ws://localhost:3000;")
  expect(policy('/', { https: true, host: 'bugs.example.org' })).toContain("connect-src 'self' wss://bugs.example.org;")
})

test('an answer of the API may do nothing when opened as a page', () => {
  expect(policy('/api/runs')).toBe("default-src 'none'; frame-ancestors 'none'")
})

test('a shared run tells nobody where its reader comes from', () => {
  expect(headers('/r/k7Vb2mXq9RwTz4HnPs6JcYdF')['referrer-policy']).toBe('no-referrer')
  expect(headers('/')['referrer-policy']).toBe('same-origin')
})

test('https is for good once it is used', () => {
  expect(headers('/')).not.toHaveProperty('strict-transport-security')
  expect(headers('/', { https: true })).toHaveProperty('strict-transport-security')
})

test.each([
  ['/', true],
  ['/r/x', true],
  ['/apiary', true],
  ['/api', false],
  ['/api/runs', false],
  ['/_next/static/a.js', false],
  ['/socket.io/', false],
])('%s is a page: %s', (path, page) => expect(isPage(path)).toBe(page))
