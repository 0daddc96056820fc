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
 * one of `extensions`, and `{class}` for the entry file's name without its ending. The run's own arguments follow at the end of the run stage.
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

/** `language.json`: the whole of what Bug Ghost knows of a language beside its Dockerfile. */
export const LanguageManifest = z.strictObject({
  $schema: z.string().optional(),
  /** For people: "Python". */
  name: z.string().min(1),
  /** Of the runtime in the image: "3.13". */
  version: z.string().regex(/^\d+(\.\d+){0,2}$/),
  /** The picker shows smaller numbers first. */
  order: z.number().int().default(100),
  /** The language whose image this one's is built on; without it, the common base. */
  base: LanguageId.optional(),
  /** Where code without a file name goes: "main.py". */
  entry: z.string().min(1),
  /** Endings of this language's source files: [".py"]. */
  extensions: z.array(z.string().regex(/^\.[a-z0-9]+$/)).min(1),
  /** What the editor calls it (a Monaco language id). */
  editor: z.string().min(1),
  env: z.record(z.string(), z.string()).default({}),
  compile: StageManifest.optional(),
  run: StageManifest,
  /** Texts on stderr that mean "out of memory" where the runtime ends itself before the kernel has to. */
  memory_messages: z.array(z.string().min(1)).default([]),
  /** Started sandboxes kept waiting for this language. */
  warm_sandboxes: z.number().int().min(0).max(16).default(1),
  /** What the image holds beside the standard library: ["pytest 8", "requests 2"]. */
  libraries: z.array(z.string()).default([]),
  /** A program with a bug worth finding, for someone who comes with none of their own. Its file is `example.*` in the folder. */
  example: z.strictObject({ title: z.string().min(1), file: z.string().min(1), stdin: z.string().default('') }),
})
export type LanguageManifest = z.infer<typeof LanguageManifest>

/** A language as the picker and the API show it. */
export const Language = z
  .strictObject({
    id: LanguageId,
    name: z.string(),
    version: z.string(),
    entry: z.string(),
    extensions: z.array(z.string()),
    editor: z.string(),
    libraries: z.array(z.string()),
    image: z.string(),
    /** False while its image is missing: runs of it are refused with 503. */
    ready: z.boolean(),
    hello: z.string(),
    example: z.strictObject({ title: z.string(), code: z.string(), stdin: z.string() }),
  })
  .meta({ id: 'Language' })
export type Language = z.infer<typeof Language>
