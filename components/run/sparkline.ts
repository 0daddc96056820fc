import type { UsageSample } from '../../protocol/transcript.ts'

const shown = 40

/** Points of a line from left to right through the newest values; `top` is the upper edge of the box. */
export function lineOf(values: readonly number[], box: { top: number; width: number; height: number }): string {
  const newest = values.slice(-shown)
  const step = box.width / (shown - 1)
  return newest
    .map((value, at) => `${(at * step).toFixed(1)},${(box.height * (1 - Math.min(1, value / box.top))).toFixed(1)}`)
    .join(' ')
}

/** How many processors were busy between two samples, on average; 1 is one of them all the time. */
export function cpuShares(usage: readonly UsageSample[]): number[] {
  return usage.map((sample, at) => {
    const before = usage[at - 1]
    const since = before ? sample.at - before.at : 0
    // A stage begins to count anew.
    const used = before && sample.cpu_ms >= before.cpu_ms ? sample.cpu_ms - before.cpu_ms : sample.cpu_ms
    return since > 0 ? used / since : 0
  })
}
