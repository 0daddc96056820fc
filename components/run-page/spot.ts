/** A spot of a run that an address can point at: `#L12`, `#file=lib/a.py&L12`, `#t=3.2s`, or a line and a moment together. */
export type Spot = {
  /** From 1. */
  line?: number
  /** The file of the line; the entry without one. */
  path?: string
  /** Milliseconds since the program started. */
  ms?: number
}

/** What the part of an address after # points at. What makes no sense is left out. */
export function parseSpot(hash: string): Spot {
  const spot: Spot = {}
  for (const part of hash.replace(/^#/, '').split('&')) {
    const line = /^L([1-9]\d{0,6})$/.exec(part)
    const time = /^t=(\d{1,7}(?:\.\d+)?)(ms|s)?$/.exec(part)
    if (line) spot.line = Number(line[1])
    else if (time) spot.ms = Number(time[1]) * (time[2] === 'ms' ? 1 : 1000)
    else if (part.startsWith('file=')) {
      try {
        spot.path = decodeURIComponent(part.slice('file='.length))
      } catch {
        // A % that begins no character: such a file there is not.
      }
    }
  }
  return spot
}

/** The other way round: "" or something that begins with #. */
export function spotHash({ line, path, ms }: Spot): string {
  const parts = [
    ...(path !== undefined && line !== undefined ? [`file=${path.split('/').map(encodeURIComponent).join('/')}`] : []),
    ...(line !== undefined ? [`L${line}`] : []),
    ...(ms !== undefined ? [`t=${Number((ms / 1000).toFixed(3))}s`] : []),
  ]
  return parts.length === 0 ? '' : `#${parts.join('&')}`
}
