import { z } from 'zod'

/** The name of a language, and of its folder. */
export const LanguageId = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,31}$/)
  .meta({ description: 'The id of a language, as listed by GET /api/languages.', example: 'python' })
export type LanguageId = z.infer<typeof LanguageId>

/**
 * How one stage is started in the sandbox.
 * In an argv `{entry}` stands for the entry file, `{files}` (an element of its own) for every file of the run that ends in
 * one of `extensions`, and `{flags}` (an element of its own) for the flags the run asks for. The run's own arguments follow at the end of the run stage.
 */
export const StageManifest = z.strictObject({
  argv: z.array(z.string().min(1)).min(1),
  /** Environment of this stage alone, beside the manifest's `env`. */
  env: z.record(z.string(), z.string()).default({}),
  /**
   * The same runtime, started before the run is known: it blocks on descriptor 3 until the agent sends it the arguments,
   * then does what `argv` does. Left out where a runtime cannot wait.
   */
  warm: z
    .strictObject({
      argv: z.array(z.string().min(1)).min(1),
      env: z.record(z.string(), z.string()).default({}),
      /** What it is told when the run comes, with the same placeholders; the run's own arguments follow at the end of the run stage. */
      args: z.array(z.string().min(1)).default([]),
    })
    .optional(),
})
export type StageManifest = z.infer<typeof StageManifest>

/** A version number as a language's own people write it: "3.13", "24.21.0". */
export const LanguageVersion = z.string().regex(/^\d+(\.\d+){0,2}$/)

/**
 * How a framework is told to run some of its tests alone. A test is written as its parts (what it belongs to, outermost first, then its
 * own name), from the part `from` on (-1 is the name alone), each escaped as `quote` says, with `between` between them.
 */
export const TestSelection = z.strictObject({
  /**
   * Words added to the command line of the tests, before the run's own arguments. A word with `{test}` in it is there once for each
   * test; in one with `{tests}` all of them stand, with `or` between them.
   */
  argv: z.array(z.string().min(1)).min(1),
  /** Between two tests. Without it, where the words need it, only one test at a time can be asked for. */
  or: z.string().optional(),
  from: z.number().int().default(0),
  between: z.string().default(' '),
  quote: z.enum(['none', 'regex', 'lua-pattern', 'commas']).default('none'),
  /** What the outermost part is taken apart by first: a dot, or (`file`) the name of a module, which then is the path of its file. */
  outermost: z.enum(['whole', 'dotted', 'file']).default('whole'),
  /** A report of this framework says "test/section": what stands before this sign is a name as well. */
  section: z.string().min(1).optional(),
})
export type TestSelection = z.infer<typeof TestSelection>

/** How test mode runs the language's test framework over the files of the run. */
export const TestManifest = z.strictObject({
  /** "pytest 8" */
  framework: z.string().min(1),
  compile: StageManifest.optional(),
  run: StageManifest,
  /** The framework's machine-readable report: where it writes it, and in which form. */
  report: z.strictObject({ path: z.string().min(1), format: z.string().min(1) }),
  /** Without it all tests are run, always. */
  select: TestSelection.optional(),
  /** A file of tests for someone who has none, and for the tests of Bug Ghost: `tests.*` in the folder, under the name it needs. */
  example: z.strictObject({ file: z.string().min(1), path: z.string().min(1) }),
})
export type TestManifest = z.infer<typeof TestManifest>

/**
 * A formatter that reads a file on stdin and writes it, formatted, to stdout; what it cannot read it refuses with another exit code than 0.
 * In its argv `{entry}` stands for the path of the file.
 */
export const FormatManifest = z.strictObject({
  /** For people: "gofmt". */
  name: z.string().min(1),
  argv: z.array(z.string().min(1)).min(1),
  /** Environment of the formatter alone, beside the manifest's `env`. */
  env: z.record(z.string(), z.string()).default({}),
  /** Endings of the files it reads; those of the language if nothing is said. */
  extensions: z
    .array(z.string().regex(/^\.[a-z0-9]+$/))
    .min(1)
    .optional(),
  /**
   * A regular expression that finds in its stderr what it could not read: the groups `line` and, where it tells them, `column`
   * (both from 1) and `message`. A formatter that reads anything has none.
   */
  error: z.string().refine(findsALine, 'It must be a regular expression with a group called line.').optional(),
})
export type FormatManifest = z.infer<typeof FormatManifest>

function findsALine(pattern: string): boolean {
  try {
    // With an empty alternative it matches anything, and then tells the names of its groups.
    return 'line' in (new RegExp(`${pattern}|`).exec('')?.groups ?? {})
  } catch {
    return false
  }
}

/** A flag a run may ask for: exactly this word, or, with `{…}` in it, that part chosen from `values`. */
export const FlagManifest = z.strictObject({
  flag: z.string().min(1),
  values: z.array(z.string().min(1)).optional(),
  description: z.string().min(1),
})
export type FlagManifest = z.infer<typeof FlagManifest>

/** How a program that hangs is asked where it is. */
export const StacksManifest = z.strictObject({
  /** What makes the runtime write its stacks; sent only to a process that catches it. With `control` it may be left out: see there. */
  signal: z.enum(['SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGABRT', 'SIGRTMIN+14']).optional(),
  /**
   * Where it writes them.
   * `control`: the socket on descriptor 3, which stays open for the whole run: of a waiting runtime, and of one started plainly too, which
   * is told by BUGGHOST_CONTROL=3. The byte `S` comes on it (beside the signal, if one is named); the answer is text and ends with a NUL or with the program.
   * A stream: what comes on it after the signal is then not output but stacks.
   * A file: read just before the program is killed.
   */
  from: z.union([z.enum(['control', 'stdout', 'stderr']), z.strictObject({ file: z.string().min(1) })]),
})
export type StacksManifest = z.infer<typeof StacksManifest>

/** Without defaults: what a version does not say is what the manifest says for all. */
const whatRuns = {
  env: z.record(z.string(), z.string()),
  compile: StageManifest.optional(),
  run: StageManifest,
  test: TestManifest.optional(),
  format: FormatManifest.optional(),
  /** Flags a run may add; they take the place of `{flags}` in an argv, an element of its own. */
  flags: z.strictObject({ compile: z.array(FlagManifest).default([]), run: z.array(FlagManifest).default([]) }),
  /** The forms its errors have, each the name of a reader in sandbox/diagnostics/. */
  diagnostics: z.array(z.string()),
  stacks: StacksManifest.optional(),
  /** Texts on stderr that mean "out of memory" where the runtime ends itself before the kernel has to. */
  memory_messages: z.array(z.string().min(1)),
  /** What the image holds beside the standard library: ["pytest 8", "requests 2"]. */
  libraries: z.array(z.string()),
}

/** The Debian a version's image stands on. */
export const DebianRelease = z.enum(['trixie', 'bookworm'])
export type DebianRelease = z.infer<typeof DebianRelease>

/** One version of a language: its number, what its image is built from, and where it differs from what the manifest says for all. */
export const VersionManifest = z
  .strictObject({
    version: LanguageVersion,
    release: DebianRelease.default('trixie'),
    /** Build arguments of the Dockerfile, beside BASE and VERSION. */
    args: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).default({}),
  })
  .extend(z.strictObject(whatRuns).partial().shape)
export type VersionManifest = z.infer<typeof VersionManifest>

/** `language.json`: the whole of what Bug Ghost knows of a language beside its Dockerfile. */
export const LanguageFile = z.strictObject({
  $schema: z.string().optional(),
  /** For people: "Python". */
  name: z.string().min(1),
  /** The first is what a run gets that names none. */
  versions: z.array(VersionManifest).min(1),
  /** The picker shows smaller numbers first. */
  order: z.number().int().default(100),
  /** The language whose image this one's is built on, in the same version where it has it; without it, the common base. */
  base: LanguageId.optional(),
  /** Where code without a file name goes: "main.py". */
  entry: z.string().min(1),
  /** Endings of this language's source files: [".py"]. */
  extensions: z.array(z.string().regex(/^\.[a-z0-9]+$/)).min(1),
  /** What the editor calls it (a Monaco language id). */
  editor: z.string().min(1),
  ...whatRuns,
  env: whatRuns.env.default({}),
  flags: whatRuns.flags.default({ compile: [], run: [] }),
  diagnostics: whatRuns.diagnostics.default([]),
  memory_messages: whatRuns.memory_messages.default([]),
  libraries: whatRuns.libraries.default([]),
  /** Started sandboxes kept waiting for this language once it is used; its first version has one from the start. */
  warm_sandboxes: z.number().int().min(0).max(16).default(1),
  /** A program with a bug worth finding, for someone who comes with none of their own. Its file is `example.*` in the folder. */
  example: z.strictObject({ title: z.string().min(1), file: z.string().min(1), stdin: z.string().default('') }),
})
export type LanguageFile = z.infer<typeof LanguageFile>

/** A language in one version: the file with that version's differences applied. What the executor and the API work with. */
export const LanguageManifest = LanguageFile.omit({ $schema: true, versions: true }).extend({ version: LanguageVersion })
export type LanguageManifest = z.infer<typeof LanguageManifest>

/** A language as the picker and the API show it. */
export const Language = z
  .strictObject({
    id: LanguageId,
    name: z.string(),
    /** What a run gets that names none. */
    version: z.string(),
    versions: z.array(
      z.strictObject({
        version: z.string(),
        image: z.string(),
        ready: z.boolean(),
        /** Why it is not ready, and how far its image is. */
        message: z.string(),
        libraries: z.array(z.string()),
        flags: z.strictObject({ compile: z.array(FlagManifest), run: z.array(FlagManifest) }),
        /** The framework of test mode. */
        test: z.string().nullable(),
        /** What POST /api/format formats its files with, and which files those are. */
        format: z.strictObject({ name: z.string(), extensions: z.array(z.string()) }).nullable(),
        /** How many tests a run of test mode may name; null where it is always all of them. */
        test_select: z.enum(['one', 'many']).nullable(),
      }),
    ),
    entry: z.string(),
    extensions: z.array(z.string()),
    editor: z.string(),
    libraries: z.array(z.string()),
    image: z.string(),
    /** False while its image is missing: runs of it are refused with 503. */
    ready: z.boolean(),
    hello: z.string(),
    example: z.strictObject({ title: z.string(), code: z.string(), stdin: z.string() }),
    /** A file of tests to begin with, of languages that have test mode. */
    test_example: z.strictObject({ path: z.string(), code: z.string() }).nullable(),
  })
  .meta({ id: 'Language' })
export type Language = z.infer<typeof Language>
