// Programs that are sent to a running stack by its API, and what is to come of them.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { root } from '../../setup.mjs'

/** Throws unless the run ended. @param {string} origin @param {object} request as POST /api/runs takes it @returns {Promise<any>} its result */
export async function post(origin, request) {
  const answer = await fetch(`${origin}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  const body = await answer.json()
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(body.error)}`)
  return body
}

/** Images are looked for every two seconds. @param {string} origin @param {number} count of languages and versions */
export async function languagesReady(origin, count) {
  const until = Date.now() + 60_000
  for (;;) {
    const { languages, engine } = await (await fetch(`${origin}/api/health`)).json()
    const ready = languages.filter((language) => language.ready).map(({ id, version }) => `${id} ${version}`)
    if (ready.length >= count) return
    if (Date.now() > until) throw new Error(`Ready: ${ready.join(', ') || 'nothing'}. ${engine.message}`)
    await sleep(500)
  }
}

/** @param {string} origin @param {string[]} files of sandbox/hostile @param {import('./checks.mjs').Checks['check']} check */
export async function sendHostile(origin, files, check) {
  const folder = join(root, 'sandbox', 'hostile')
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  for (const file of files) {
    await check(`hostile: ${file} ends as its manifest says`, async () => {
      const { language, timeout_sec = 10, stdin = '', expect } = manifest.find((program) => program.file === file)
      const ended = await post(origin, { language, timeout_sec, stdin, code: await readFile(join(folder, file), 'utf8') })
      const problems = [
        !expect.status.includes(ended.status) && `status ${ended.status}`,
        expect.verdict && !expect.verdict.includes(ended.verdict.kind) && `verdict ${ended.verdict.kind}`,
        expect.stdout && !patternOf(expect.stdout).test(ended.stdout) && 'stdout is not as expected',
        expect.stdout_not && patternOf(expect.stdout_not).test(ended.stdout) && 'stdout holds what it must not',
      ].filter(Boolean)
      if (problems.length > 0) throw new Error(`${problems.join(', ')}: ${ended.message}\n${ended.stdout.slice(0, 500)}`)
    })
  }
}

/** The manifest is written for any language's expressions; JavaScript knows `(?i)` as a flag only. @param {string} text */
function patternOf(text) {
  const [, flags = '', source = ''] = /^(?:\(\?([a-z]+)\))?(.*)$/s.exec(text) ?? []
  return new RegExp(source, flags)
}
