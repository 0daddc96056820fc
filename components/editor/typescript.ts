import {
  javascriptDefaults,
  ModuleResolutionKind,
  typescriptDefaults,
} from 'monaco-editor/languages/features/typescript/register'

// Part of the editor from the start: it has to be known before the first text of its languages. The compiler itself, in a worker, is
// fetched when there is such a text.

const options = {
  // As Node runs them: newest syntax, modules with their endings, no page.
  target: 99,
  module: 99,
  moduleResolution: ModuleResolutionKind.NodeJs,
  lib: ['esnext'],
  types: ['node'],
  typeRoots: ['file:///node_modules/@types'],
  allowNonTsExtensions: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
}

/** What Node runs all the same: top-level await in a file that is no module by its own account, and modules that lie beside the file. */
const notWrong = [1375, 1378, 1431, 1432, 80001]

let nodeTypes: Promise<Record<string, string>> | undefined

/** Sets up what is the same for every draft. */
export function setUp(): void {
  typescriptDefaults.setCompilerOptions({ ...options, strict: true })
  javascriptDefaults.setCompilerOptions({ ...options, allowJs: true, checkJs: false })
  typescriptDefaults.setDiagnosticsOptions({ diagnosticCodesToIgnore: notWrong })
  javascriptDefaults.setDiagnosticsOptions({ noSemanticValidation: true, diagnosticCodesToIgnore: notWrong })
  for (const defaults of [typescriptDefaults, javascriptDefaults]) defaults.setEagerModelSync(true)
}

/** Tells the compiler of the files beside the one that is open, so that it knows what they export. */
export async function setFiles(files: readonly { uri: string; text: string }[]): Promise<void> {
  nodeTypes ??= fetch('/editor/node-types.json').then((answer) => {
    if (!answer.ok) throw new Error(`The types of Node could not be fetched: ${answer.status}`)
    return answer.json() as Promise<Record<string, string>>
  })
  const types = await nodeTypes.catch((error: unknown) => {
    nodeTypes = undefined
    console.error(error)
    return {}
  })
  const libs = [
    ...Object.entries(types).map(([path, content]) => ({ filePath: `file:///node_modules/${path}`, content })),
    ...files.map(({ uri, text }) => ({ filePath: uri, content: text })),
  ]
  typescriptDefaults.setExtraLibs(libs)
  javascriptDefaults.setExtraLibs(libs)
}
