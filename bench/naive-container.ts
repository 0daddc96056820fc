import { Writable } from 'node:stream'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import { commandLine, type PlainStep } from './plain-commands.ts'

/**
 * What a first version would do for every run, with the engine's own defaults: create, put the file in, start, read the output, wait, remove.
 * The time ends when the exit is known; the removal is not counted.
 */
export async function runNaively(
  docker: Docker,
  options: { imageId: string; file: { name: string; content: string }; steps: readonly PlainStep[] },
): Promise<{ ms: number; stdout: string }> {
  const from = performance.now()
  const only = options.steps.length === 1 ? options.steps[0] : undefined
  const container = await docker.createContainer({
    Image: options.imageId,
    // A shell of its own only where there is more than one command.
    Entrypoint: only ? [...only.argv] : ['/bin/sh', '-c', commandLine(options.steps)],
    Cmd: [],
    WorkingDir: '/workspace',
    Env: Object.entries(Object.assign({}, ...options.steps.map(({ env }) => env))).map(([name, value]) => `${name}=${value}`),
    Labels: { 'bugghost.bench': 'naive' },
    HostConfig: { NetworkMode: 'none' },
  })
  const archive = pack()
  archive.entry({ name: options.file.name }, options.file.content)
  archive.finalize()
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/workspace' })
  const stream = await container.attach({ stream: true, stdout: true, stderr: true })
  let stdout = ''
  const sink = new Writable({
    write(bytes: Buffer, _, done) {
      stdout += bytes
      done()
    },
  })
  docker.modem.demuxStream(stream, sink, process.stderr)
  const read = new Promise((resolve) => stream.on('end', resolve))
  await container.start()
  await container.wait()
  await read
  const took = performance.now() - from
  await container.remove({ force: true })
  return { ms: took, stdout }
}
