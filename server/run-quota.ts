import { AppError } from '../protocol/errors.ts'
import type { ActorId } from '../protocol/ids.ts'
import type { RateLimit, Standing } from './rate-limit.ts'
import type { Policy } from './sliding-window.ts'

/** How much may be started lately. A visitor is a cookie, which anybody may drop, so it is the address that holds. */
export type RunRates = { perMinuteOfVisitor: number; perMinuteOfAddress: number; perDayOfAddress: number }

export type Admission = {
  /** RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10): what is allowed, and what is left of it. */
  headers: Record<string, string>
  refusal: AppError | null
}

/** Whether somebody may start one more run, or format one more file, now. Counts it when they may. */
export type RunQuota = (who: { visitor: ActorId; address: string }) => Promise<Admission>

const minuteSec = 60
const daySec = 24 * 60 * 60

export function createRunQuota(rateLimit: RateLimit, rates: RunRates): RunQuota {
  const visitor: Policy = { name: 'visitor', limit: rates.perMinuteOfVisitor, windowSec: minuteSec }
  const address: Policy = { name: 'address', limit: rates.perMinuteOfAddress, windowSec: minuteSec }
  const day: Policy = { name: 'address-day', limit: rates.perDayOfAddress, windowSec: daySec }
  return async (who) => {
    const counted = [
      { key: who.visitor, policy: visitor },
      { key: who.address, policy: address },
      { key: who.address, policy: day },
    ]
    const { allowed, standings } = await rateLimit.take(counted)
    const all = counted.map(({ policy }, n) => ({ policy, standing: standings[n] as Standing }))
    return { headers: headersOf(all), refusal: allowed ? null : refusalOf(all) }
  }
}

type Stood = readonly { policy: Policy; standing: Standing }[]

/** Lists of structured fields (RFC 9651): `"visitor";q=60;w=60` and `"visitor";r=59;t=60`, `t` being when all of it is there again. */
function headersOf(all: Stood): Record<string, string> {
  return {
    'ratelimit-policy': all.map(({ policy: { name, limit, windowSec } }) => `"${name}";q=${limit};w=${windowSec}`).join(', '),
    ratelimit: all
      .map(({ policy: { name }, standing: { remaining, resetSec } }) => `"${name}";r=${remaining};t=${resetSec}`)
      .join(', '),
  }
}

/** Of several that refuse, the one that refuses longest is the one to know of. */
function refusalOf(all: Stood): AppError {
  const [longest] = all
    .filter(({ standing }) => !standing.allowed)
    .toSorted((a, b) => b.standing.retryAfterSec - a.standing.retryAfterSec)
  if (!longest) throw new Error('Nothing refuses.')
  const { policy, standing } = longest
  const span = policy.windowSec === daySec ? 'a day' : 'a minute'
  const whose = policy.name === 'visitor' ? 'from one visitor' : 'from one network address'
  return new AppError(
    'too-many-requests',
    `${policy.limit} runs ${whose} within ${span} are the most there may be here. Try again ${inWords(standing.retryAfterSec)}.`,
    { retryAfterSec: standing.retryAfterSec },
  )
}

export function inWords(seconds: number): string {
  if (seconds <= 1) return 'in a second'
  if (seconds <= 120) return `in ${seconds} seconds`
  if (seconds <= 2 * 3600) return `in ${Math.ceil(seconds / 60)} minutes`
  return `in ${Math.ceil(seconds / 3600)} hours`
}
