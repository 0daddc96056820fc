import { describe, expect, test } from 'vitest'
import { isForeign, isKnownHost, type OriginHeaders } from './origin.ts'

const publicUrl = 'https://bugs.example.org'

describe('a request is somebody else’s page acting in a person’s name when', () => {
  test.each<[string, OriginHeaders, boolean]>([
    ['its Origin is another site', { origin: 'https://evil.example', host: 'bugs.example.org' }, true],
    ['its Origin only begins like ours', { origin: 'https://bugs.example.org.evil.example', host: 'bugs.example.org' }, true],
    ['its Origin is ours by http', { origin: 'http://bugs.example.org', host: 'other.example' }, true],
    ['its Origin is another port of the machine', { origin: 'http://localhost:4000', host: 'localhost:3000' }, true],
    ['its Origin is null', { origin: 'null', host: 'bugs.example.org' }, true],
    ['the browser says cross-site', { secFetchSite: 'cross-site', host: 'bugs.example.org' }, true],
    ['not when it is our own', { origin: 'https://bugs.example.org', host: 'inside:3000', secFetchSite: 'same-origin' }, false],
    ['not when it is the address it was loaded from', { origin: 'http://127.0.0.1:3000', host: '127.0.0.1:3000' }, false],
    ['not when it is no browser', { host: 'bugs.example.org' }, false],
  ])('%s', (_, headers, foreign) => expect(isForeign(headers, publicUrl)).toBe(foreign))
})

describe('a Host header names this server when it', () => {
  test.each([
    ['is the public one', 'bugs.example.org', true],
    ['is the public one with a port and in capitals', 'BUGS.example.org:443', true],
    ['is localhost', 'localhost:3000', true],
    ['is below localhost', 'app.localhost', true],
    ['is an address', '10.1.2.3:3000', true],
    ['is an IPv6 address', '[::1]:3000', true],
    ['is the machine’s own name', 'mybox:3000', true],
    ['is not a name pointed here by somebody else', 'evil.example', false],
    ['is not a name that begins like ours', 'bugs.example.org.evil.example', false],
    ['is not garbage', 'a b', false],
    ['is not empty', '', false],
    ['is not missing', undefined, false],
  ])('%s', (_, host, known) => expect(isKnownHost(host, publicUrl, 'MyBox')).toBe(known))
})
