import { join } from 'node:path'
import next from 'next'
import { createFakeExecutor, type FakeExecution } from '../sandbox/fake.ts'
import { readLanguages } from '../sandbox/languages.ts'
import { createBuiltFiles, editorFilesIn, editorPrefix } from '../server/built-files.ts'
import { createHttpServer } from '../server/http-server.ts'
import { createServicesAround } from '../server/sample-services.ts'
import { provideServices } from '../server/services.ts'

/**
 * The product's own server, pages and channel, on a port of its own, with a store that forgets and an executor that does what `script`
 * says: what a browser makes of an output no sandbox would let through.
 */
export async function startScriptedServer(root: string, script: (execution: FakeExecution) => void) {
  const executor = createFakeExecutor(script)
  const languages = await readLanguages(join(root, 'sandbox'))
  executor.setState({
    languages: languages.map(({ id, manifest }) => ({
      id,
      version: manifest.version,
      ready: true,
      message: 'ready',
      image: '',
      imageDigest: '',
    })),
  })
  const services = { ...createServicesAround({ executor, languages }), editor: editorFilesIn(join(root, 'dist')) }
  provideServices(services)
  const pages = next({ dev: false, dir: root })
  await pages.prepare()
  const server = createHttpServer({
    ...services,
    trustProxy: { kind: 'nobody' },
    dev: false,
    builtFiles: createBuiltFiles([
      { prefix: editorPrefix, folder: join(root, 'dist', 'editor') },
      { prefix: '/_next/static/', folder: join(root, '.next', 'static') },
    ]),
    handle: pages.getRequestHandler(),
  })
  const port = await server.listen(0, '127.0.0.1')
  return {
    url: `http://localhost:${port}`,
    async close() {
      server.stopListening()
      await server.close()
      await services.close()
      await pages.close()
    },
  }
}
