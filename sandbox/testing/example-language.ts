import { LanguageManifest } from '../../protocol/language.ts'
import { defaultLimits } from '../../protocol/limits.ts'
import type { Job } from '../executor.ts'

/** A manifest with what a test cares about and nothing else. */
export function manifestWith(part: Partial<Parameters<typeof LanguageManifest.parse>[0] & object> = {}): LanguageManifest {
  return LanguageManifest.parse({
    name: 'Example',
    version: '1.0',
    entry: 'main.ex',
    extensions: ['.ex'],
    editor: 'plaintext',
    run: { argv: ['example', '{entry}'] },
    example: { title: 'Off by one', file: 'example.ex' },
    ...part,
  })
}

export function jobWith(part: Partial<Job> = {}): Job {
  return {
    language: 'example',
    version: '1.0',
    mode: 'run',
    only: [],
    flags: {},
    tty: null,
    artifacts: [],
    owner: 'somebody',
    files: [{ path: 'main.ex', content: Buffer.from('say hello') }],
    entry: 'main.ex',
    args: [],
    env: {},
    stdin: new Uint8Array(),
    stdinOpen: false,
    limits: defaultLimits,
    ...part,
  }
}
