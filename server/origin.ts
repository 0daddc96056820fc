import { isIP } from 'node:net'

/** The headers that tell where a request comes from. */
export type OriginHeaders = {
  origin?: string | null | undefined
  host?: string | null | undefined
  secFetchSite?: string | null | undefined
}

/**
 * Whether a page of somebody else's makes this request, with this person's cookies. Clients that are no browser send
 * neither header and are let through: they hold no cookies anyone could borrow.
 */
export function isForeign({ origin, host, secFetchSite }: OriginHeaders, publicUrl: string): boolean {
  if (secFetchSite === 'cross-site') return true
  if (origin === null || origin === undefined) return false
  if (origin === new URL(publicUrl).origin) return false
  // Also the address the page was really loaded from: 127.0.0.1 for localhost, or another name that `isKnownHost` let in.
  return !host || !['http://', 'https://'].some((scheme) => origin === scheme + host.toLowerCase())
}

/**
 * Whether a Host header names this server. A name somebody else controls may point at this address too (DNS rebinding), and
 * a page under such a name would pass for ours; an address written in digits cannot be pointed anywhere.
 */
export function isKnownHost(host: string | undefined, publicUrl: string, machineName: string): boolean {
  const name = hostName(host)
  if (name === undefined) return false
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true
  return name === new URL(publicUrl).hostname || name === machineName.toLowerCase()
}

function hostName(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '')
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '')
}
