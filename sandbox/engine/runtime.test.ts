import { expect, test, vi } from 'vitest'
import { chooseRuntime, type RuntimeQuestion } from './runtime.ts'

function choose(part: Partial<RuntimeQuestion>) {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const tryOut = vi.fn(async () => {})
  return { log, tryOut, chosen: chooseRuntime({ wanted: undefined, listed: ['runc'], log, tryOut, ...part }) }
}
const broken = async () => {
  throw new Error('exec: "crun": executable file not found')
}

test('without a setting and without crun it is the default of the engine, and nothing is tried', async () => {
  const { chosen, tryOut } = choose({})
  expect(await chosen).toBeUndefined()
  expect(tryOut).not.toHaveBeenCalled()
})

test('crun is used where the engine has it and it works', async () => {
  const { chosen, tryOut } = choose({ listed: ['crun', 'runc'] })
  expect(await chosen).toBe('crun')
  expect(tryOut).toHaveBeenCalledExactlyOnceWith('crun')
})

test('crun that is listed and does not work is told of, and the default is used', async () => {
  const { chosen, log } = choose({ listed: ['crun', 'runc'], tryOut: broken })
  expect(await chosen).toBeUndefined()
  expect(log.warn).toHaveBeenCalledExactlyOnceWith(
    { runtime: 'crun', reason: 'exec: "crun": executable file not found' },
    expect.stringContaining('default is used'),
  )
})

test('a runtime that is asked for is used, also beside a faster one', async () => {
  expect(await choose({ wanted: 'runsc', listed: ['crun', 'runc', 'runsc'] }).chosen).toBe('runsc')
  expect(await choose({ wanted: 'runc', listed: ['crun', 'runc'] }).chosen).toBe('runc')
})

test('a runtime that is asked for and not there is an error that says what there is', async () => {
  const { chosen, tryOut } = choose({ wanted: 'runsc', listed: ['crun', 'runc'] })
  await expect(chosen).rejects.toThrow('no runtime "runsc" (it has crun, runc); unset BUGGHOST_RUNTIME or install it')
  expect(tryOut).not.toHaveBeenCalled()
})

test('a runtime that is asked for and does not work is an error, never another one', async () => {
  await expect(choose({ wanted: 'crun', listed: ['crun', 'runc'], tryOut: broken }).chosen).rejects.toThrow(
    /its runtime "crun" does not start a sandbox \(exec: .*not found\)/,
  )
})
