// Where the server keeps what has to last; set-up leaves word there of what it is doing.

import { resolve } from 'node:path'

import { setting } from './env.mjs'

/** @param {string} root @returns {string} absolute; server/env.ts decides the same */
export function dataFolder(root) {
  return resolve(root, setting('BUGGHOST_DATA_DIR') ?? 'data')
}
