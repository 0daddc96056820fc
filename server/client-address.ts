import ipaddr from 'ipaddr.js'

/** Tells route handlers, which see nothing but headers, where a request comes from. Whatever a client puts there is overwritten. */
export const clientHeader = 'x-bugghost-client'

/** Which of those who hand requests on to us are believed about where a request came from. */
export type TrustedHops =
  | { kind: 'nobody' }
  /** So many proxies of ours stand in a row before this server, and nobody reaches it but through them. */
  | { kind: 'count'; hops: number }
  /** Proxies of ours have these addresses, whoever else reaches this server. */
  | { kind: 'addresses'; ranges: readonly AddressRange[] }

export type AddressRange = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** "10.0.0.0/8", "::1": a range, or one address. Null when it is neither. */
export function rangeOf(text: string): AddressRange | null {
  const [, start = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = parse(start)
  if (!address) return null
  const most = address.kind() === 'ipv4' ? 32 : 128
  return Number(bits ?? most) <= most ? [address, Number(bits ?? most)] : null
}

/**
 * Where a request comes from: read from the right of X-Forwarded-For, since only what trusted hops added there is true. What stands left
 * of the first address that is not one of ours, anybody may have written.
 * @param peer the other end of the connection
 */
export function clientAddress(peer: string | undefined, forwardedFor: string | undefined, trusted: TrustedHops): string {
  const claimed = (forwardedFor ?? '').split(',').map((text) => text.trim())
  let client = peer ?? ''
  for (let hop = 0; isTrusted(client, hop, trusted); hop++) {
    const before = claimed.pop()
    // A hop that says nothing, or no address, is the nearest that is known.
    if (!before || !parse(before)) break
    client = before
  }
  return client
}

/** Whether the peer of a connection is a proxy of ours. */
export const isTrustedPeer = (peer: string | undefined, trusted: TrustedHops): boolean => isTrusted(peer ?? '', 0, trusted)

function isTrusted(address: string, hop: number, trusted: TrustedHops): boolean {
  switch (trusted.kind) {
    case 'nobody':
      return false
    case 'count':
      return hop < trusted.hops
    case 'addresses': {
      const parsed = parse(address)
      return (
        parsed !== null && trusted.ranges.some(([range, bits]) => parsed.kind() === range.kind() && parsed.match(range, bits))
      )
    }
    default:
      return trusted satisfies never
  }
}

/**
 * What is counted together: an IPv4 address, and of IPv6 the /64, which is the least that one customer is given and in which they may
 * choose among more addresses than could ever be counted.
 */
export function countedAs(address: string): string {
  const parsed = parse(address)
  if (!parsed) return 'unknown'
  if (parsed.kind() === 'ipv4') return parsed.toString()
  const network = (parsed as ipaddr.IPv6).parts.slice(0, 4)
  return `${new ipaddr.IPv6([...network, 0, 0, 0, 0]).toString()}/64`
}

/** Some proxies add the port; IPv4 over IPv6 sockets is the same IPv4. */
function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
  // Not isValid alone: it takes "127.1" and "0x7f000001" for addresses.
  if (!ipaddr.IPv6.isValid(bare) && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return null
  return ipaddr.process(bare)
}
