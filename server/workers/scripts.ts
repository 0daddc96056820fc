// What is done to a run in Redis, each in one step nobody else can come between. Lua, run by Redis itself.
//
// The hash of a run:  state     queued → claimed → running → ended
//                     worker    who has it; absent while it is queued
//                     seq       the number of its next event
//                     owner, address ('' when it counts for none), kind (language and version), opened (ms), ended (ms),
//                     input (open | closed), tty (0 | 1), typed, signals, resizes

/** Redis' own clock: the only one all machines share. */
const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

// In the hash of owners an address is a field "at:<address>", which no visitor's id can be.

/** One run less for its owner and its address. */
const leave = `
local function leave(owners, owner, address)
  if redis.call('HINCRBY', owners, owner, -1) <= 0 then redis.call('HDEL', owners, owner) end
  if address and address ~= '' and redis.call('HINCRBY', owners, 'at:' .. address, -1) <= 0 then redis.call('HDEL', owners, 'at:' .. address) end
end
`

/**
 * KEYS run living owners · ARGV runId owner most mostOfOwner input tty address mostOfAddress kind
 * → {'ok', how many runs the owner has} | {'full'} | {'owner-full'} | {'address-full'}
 */
export const open = `${now}
if redis.call('EXISTS', KEYS[1]) == 1 then return {'ok', 1} end
local address = ARGV[7]
local of_owner = tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or '0')
if of_owner >= tonumber(ARGV[4]) then return {'owner-full'} end
if address ~= '' and tonumber(redis.call('HGET', KEYS[3], 'at:' .. address) or '0') >= tonumber(ARGV[8]) then return {'address-full'} end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then return {'full'} end
redis.call('HSET', KEYS[1], 'state', 'queued', 'owner', ARGV[2], 'address', address, 'opened', now, 'input', ARGV[5], 'tty', ARGV[6], 'kind', ARGV[9], 'seq', 0)
redis.call('ZADD', KEYS[2], now, ARGV[1])
if address ~= '' then redis.call('HINCRBY', KEYS[3], 'at:' .. address, 1) end
return {'ok', redis.call('HINCRBY', KEYS[3], ARGV[2], 1)}
`

/**
 * KEYS run · ARGV worker, prefix of leases
 * → {'run', ms since it was accepted} | {'gone'} | {'elsewhere'} a living worker has it | {'lost', worker} it had started, and its worker is dead
 */
export const claim = `${now}
local state, worker, opened = unpack(redis.call('HMGET', KEYS[1], 'state', 'worker', 'opened'))
if not state or state == 'ended' then return {'gone'} end
if state ~= 'queued' then
  if redis.call('EXISTS', ARGV[2] .. worker) == 1 then return {'elsewhere'} end
  if state == 'running' then return {'lost', worker} end
end
redis.call('HSET', KEYS[1], 'state', 'claimed', 'worker', ARGV[1], 'claimed', now)
return {'run', now - opened}
`

/** KEYS run · ARGV worker. Back in the queue, if it has not started. */
export const release = `
local state, worker = unpack(redis.call('HMGET', KEYS[1], 'state', 'worker'))
if state ~= 'claimed' or worker ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'queued')
redis.call('HDEL', KEYS[1], 'worker')
return 1
`

/** KEYS run · ARGV worker. Just before the program is let in: from here on the run is never begun again. → 1, or 0 when somebody else has it */
export const start = `
local state, worker = unpack(redis.call('HMGET', KEYS[1], 'state', 'worker'))
if state ~= 'claimed' or worker ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'running')
return 1
`

/**
 * KEYS run events living unkept owners
 * ARGV worker ('' for a run that nobody has), number of the first event, how many, the batch, 1 when the last one is `finished`, runId, channel,
 *      1 when the worker is not to be heard any more
 * → 'ok' (also when they were there already) | 'ended' | 'fenced' somebody else has the run | 'gap' events before these are missing
 */
export const append = `${now}${leave}
local state, worker, seq, owner, address = unpack(redis.call('HMGET', KEYS[1], 'state', 'worker', 'seq', 'owner', 'address'))
if not state then return 'ended' end
local first, count = tonumber(ARGV[2]), tonumber(ARGV[3])
seq = tonumber(seq)
if (worker or '') ~= ARGV[1] then return state == 'ended' and 'ended' or 'fenced' end
if first + count <= seq then return 'ok' end
if state == 'ended' then return 'ended' end
if first ~= seq then return 'gap' end
redis.call('XADD', KEYS[2], (first + count) .. '-0', 'e', ARGV[4])
redis.call('HSET', KEYS[1], 'seq', first + count)
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[1], 'state', 'ended', 'ended', now)
  if ARGV[8] == '1' then redis.call('HSET', KEYS[1], 'worker', '-') end
  redis.call('ZREM', KEYS[3], ARGV[6])
  redis.call('ZADD', KEYS[4], now, ARGV[6])
  leave(KEYS[5], owner, address)
end
redis.call('PUBLISH', ARGV[7], ARGV[4])
return 'ok'
`

/**
 * KEYS run inbox · ARGV kind, message, bytes, most bytes, most signals, most resizes, prefix of channels to workers, runId
 * → 'ok' | 'ended' | 'queued' (of cancel: nobody has it yet) | 'closed' | 'too-large' | 'too-many' | 'not-running' | 'no-terminal'
 */
export const send = `
local state, worker, input, tty, typed = unpack(redis.call('HMGET', KEYS[1], 'state', 'worker', 'input', 'tty', 'typed'))
if not state or state == 'ended' then return 'ended' end
local kind = ARGV[1]
if kind == 'write' or kind == 'end' then
  if input ~= 'open' then return 'closed' end
  if kind == 'end' then redis.call('HSET', KEYS[1], 'input', 'closed') end
  if kind == 'write' then
    if tonumber(typed or '0') + tonumber(ARGV[3]) > tonumber(ARGV[4]) then return 'too-large' end
    redis.call('HINCRBY', KEYS[1], 'typed', ARGV[3])
  end
elseif kind == 'signal' then
  if state ~= 'running' then return 'not-running' end
  if redis.call('HINCRBY', KEYS[1], 'signals', 1) > tonumber(ARGV[5]) then return 'too-many' end
elseif kind == 'resize' then
  if tty ~= '1' then return 'no-terminal' end
  if redis.call('HINCRBY', KEYS[1], 'resizes', 1) > tonumber(ARGV[6]) then return 'too-many' end
elseif kind == 'cancel' and state == 'queued' then
  return 'queued'
end
redis.call('RPUSH', KEYS[2], ARGV[2])
if worker then redis.call('PUBLISH', ARGV[7] .. worker, ARGV[8]) end
return 'ok'
`

/** KEYS run events inbox unkept · ARGV runId, ms. It is in the database; readers that are at it read on here for a while. */
export const kept = `
redis.call('ZREM', KEYS[4], ARGV[1])
for n = 1, 3 do redis.call('PEXPIRE', KEYS[n], ARGV[2]) end
return 1
`

/** KEYS run events inbox living unkept owners · ARGV runId. As if it had never been. */
export const forget = `${leave}
local state, owner, address = unpack(redis.call('HMGET', KEYS[1], 'state', 'owner', 'address'))
if state and state ~= 'ended' then leave(KEYS[6], owner, address) end
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return 1
`

/**
 * KEYS one for each that is counted · ARGV limit and window (ms) of each, in the same order. Counts one more for all of them, if every one
 * allows it; the rule is that of server/sliding-window.ts.
 * → {1 when counted, then of each: current, previous, ms since its window began}
 */
export const take = `${now}
local found, allowed = {}, true
for n, key in ipairs(KEYS) do
  local limit, size = tonumber(ARGV[2 * n - 1]), tonumber(ARGV[2 * n])
  local window = math.floor(now / size)
  local of, current, previous = unpack(redis.call('HMGET', key, 'window', 'current', 'previous'))
  of, current, previous = tonumber(of or '-2'), tonumber(current or '0'), tonumber(previous or '0')
  if of ~= window then
    previous = of == window - 1 and current or 0
    current = 0
  end
  local elapsed = now - window * size
  if current + previous * (1 - elapsed / size) + 1 > limit then allowed = false end
  found[n] = {window, current, previous, elapsed, size}
end
local answer = {allowed and 1 or 0}
for n, key in ipairs(KEYS) do
  local window, current, previous, elapsed, size = unpack(found[n])
  if allowed then
    current = current + 1
    redis.call('HSET', key, 'window', window, 'current', current, 'previous', previous)
    redis.call('PEXPIRE', key, 2 * size - elapsed)
  end
  answer[#answer + 1] = current
  answer[#answer + 1] = previous
  answer[#answer + 1] = elapsed
end
return answer
`
