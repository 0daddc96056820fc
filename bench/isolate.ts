import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import type { PlainStep } from './plain-commands.ts'

// isolate(1), the sandbox under Piston and Judge0, over the file system of the same image.

const command = promisify(execFile)

/** Its version; null where the machine has no `isolate`. */
export async function findIsolate(): Promise<string | null> {
  try {
    return (await command('isolate', ['--version'])).stdout.split('\n')[0] ?? ''
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** `close` removes the unpacked image. */
export async function openIsolate(
  docker: Docker,
  options: { imageId: string; file: { name: string; content: string }; steps: readonly PlainStep[] },
) {
  const root = await mkdtemp(join(tmpdir(), 'bugghost-isolate-'))
  try {
    await unpackImage(docker, options.imageId, root)
  } catch (error) {
    await rm(root, { recursive: true, force: true })
    throw error
  }
  return {
    /** A box made, the file written, every command run in turn: what a judge does for a submission. Taking the box away is not in the time. */
    async run(): Promise<{ ms: number; stdout: string }> {
      const from = performance.now()
      const box = (await command('isolate', ['--init'])).stdout.trim()
      try {
        await writeFile(join(box, 'box', options.file.name), options.file.content)
        let stdout = ''
        for (const step of options.steps) stdout += (await command('isolate', isolateArguments(root, step))).stdout
        return { ms: performance.now() - from, stdout }
      } finally {
        await command('isolate', ['--cleanup'])
      }
    },
    close: () => rm(root, { recursive: true, force: true }),
  }
}

export function isolateArguments(root: string, { argv, env }: PlainStep): string[] {
  const fromImage = ['usr', 'etc', 'opt'].map((name) => `--dir=${name}=${root}/${name}`)
  // Debian's are links into usr, which lead out of the box.
  const links = ['bin', 'lib', 'lib64'].map((name) => `--dir=${name}=${root}/usr/${name}:maybe`)
  const [program = '', ...args] = argv
  return [
    '--silent',
    '--processes=64',
    '--no-default-dirs',
    ...fromImage,
    ...links,
    '--dir=box=./box:rw',
    '--dir=dev:dev',
    '--dir=proc=proc:fs',
    '--dir=tmp:tmp',
    ...Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...env }).map(([name, value]) => `--env=${name}=${value}`),
    '--run',
    '--',
    // It looks for programs nowhere but where it is told.
    '/usr/bin/env',
    program,
    ...args,
  ]
}

async function unpackImage(docker: Docker, imageId: string, root: string): Promise<void> {
  const container = await docker.createContainer({ Image: imageId, Labels: { 'bugghost.bench': 'isolate' } })
  try {
    const tar = spawn('tar', ['-x', '-C', root, '--exclude=dev/*'], { stdio: ['pipe', 'ignore', 'inherit'] })
    const ended = once(tar, 'exit')
    ;(await container.export()).pipe(tar.stdin)
    const [code] = await ended
    if (code !== 0) throw new Error(`tar could not unpack the image (exit code ${code})`)
  } finally {
    await container.remove({ force: true })
  }
}
