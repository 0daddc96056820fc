/** What a response needs to know about its request. `host` has already been checked. */
export type Asked = { path: string; host: string; nonce: string; https: boolean; dev: boolean }

/** The headers of every answer, by what is asked for. Names in lower case. */
export function securityHeaders(asked: Asked): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    // The address of a run is the key to it: a shared page tells nobody where its reader comes from.
    'referrer-policy': /^\/(r|embed)\//.test(asked.path) ? 'no-referrer' : 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // For browsers that do not know frame-ancestors.
    ...(isEmbed(asked.path) ? {} : { 'x-frame-options': 'DENY' }),
    ...(asked.https ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    ...contentPolicy(asked),
  }
}

export const isPage = (path: string): boolean => !/^\/(_next|_editor|api|socket\.io)(\/|$)/.test(path)

/** The one page that others may show in a frame: it only shows, and nothing in it can be pressed that changes anything. */
export const isEmbed = (path: string): boolean => path.startsWith('/embed/')

function contentPolicy(asked: Asked): Record<string, string> {
  if (/^\/(api|socket\.io)(\/|$)/.test(asked.path)) {
    // An answer of the API is data. Opened as a page it may do nothing.
    return { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }
  }
  return isPage(asked.path) ? { 'content-security-policy': pagePolicy(asked) } : {}
}

function pagePolicy({ path, host, nonce, https, dev }: Asked): string {
  return [
    "default-src 'self'",
    // Next puts the nonce on its own scripts and those load the rest. React's development build needs eval for its stacks.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    // Monaco makes style elements and style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    // Older Safari does not count a WebSocket to the same host as 'self'.
    `connect-src 'self' ${https ? 'wss' : 'ws'}://${host}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${isEmbed(path) ? '*' : "'none'"}`,
  ].join('; ')
}
