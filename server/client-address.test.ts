import { describe, expect, test } from 'vitest'
import { clientAddress, countedAs, rangeOf, type TrustedHops } from './client-address.ts'

const nobody: TrustedHops = { kind: 'nobody' }
const count = (hops: number): TrustedHops => ({ kind: 'count', hops })
const addresses = (...ranges: string[]): TrustedHops => ({
  kind: 'addresses',
  ranges: ranges.map((text) => {
    const range = rangeOf(text)
    if (!range) throw new Error(text)
    return range
  }),
})

describe('the client is', () => {
  test.each([
    ['the peer, when nobody is trusted', '9.9.9.9', '1.1.1.1', nobody, '9.9.9.9'],
    ['what the one proxy added, and not what stood there before', '10.0.0.1', '6.6.6.6, 1.1.1.1', count(1), '1.1.1.1'],
    ['what the first of two proxies added', '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', count(2), '1.1.1.1'],
    ['the nearest that is known, when a proxy is missing from the row', '10.0.0.1', '1.1.1.1', count(3), '1.1.1.1'],
    ['the proxy, when it says nothing', '10.0.0.1', undefined, count(1), '10.0.0.1'],
    ['the proxy, when it says no address', '10.0.0.1', 'unknown', count(1), '10.0.0.1'],
    ['the peer, when it is none of ours and claims to be forwarded', '9.9.9.9', '1.1.1.1', addresses('10.0.0.0/8'), '9.9.9.9'],
    [
      'the first from the right that is none of ours',
      '10.0.0.1',
      '6.6.6.6, 1.1.1.1, 10.2.3.4',
      addresses('10.0.0.0/8'),
      '1.1.1.1',
    ],
    ['the first, when all are ours', '10.0.0.1', '10.0.0.3, 10.0.0.2', addresses('10.0.0.0/8'), '10.0.0.3'],
    [
      'the last before something that is no address',
      '10.0.0.1',
      '1.1.1.1, <script>, 10.0.0.2',
      addresses('10.0.0.0/8'),
      '10.0.0.2',
    ],
    ['known behind a proxy whose IPv4 comes by an IPv6 socket', '::ffff:10.0.0.1', '1.1.1.1', addresses('10.0.0.0/8'), '1.1.1.1'],
    ['known behind a proxy of IPv6', 'fd00::1', '2001:db8::7', addresses('fd00::/8', '10.0.0.0/8'), '2001:db8::7'],
    ['the peer, when one address is trusted and it is its neighbour', '10.0.0.2', '1.1.1.1', addresses('10.0.0.1'), '10.0.0.2'],
  ] as const)('%s', (_, peer, header, trusted, client) => expect(clientAddress(peer, header, trusted)).toBe(client))
})

describe('counted together are', () => {
  test.each([
    ['an IPv4 address alone', '203.0.113.7', '203.0.113.7'],
    ['an IPv4 address and itself over IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
    ['an address with the port a proxy wrote', '203.0.113.7:4711', '203.0.113.7'],
    ['all of a /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['all of a /64, in brackets', '[2001:db8:1:2::1]:443', '2001:db8:1:2::/64'],
    ['all that have no address', '', 'unknown'],
    ['what only looks like one', '127.1', 'unknown'],
  ])('%s', (_, address, counted) => expect(countedAs(address)).toBe(counted))
})

test.each(['10.0.0.0/33', '10.0.0/8', 'loopback', '', '300.1.1.1'])('%o is no range', (text) => expect(rangeOf(text)).toBeNull())
