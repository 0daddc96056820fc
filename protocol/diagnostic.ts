import { z } from 'zod'

/** A place in a call stack, innermost first in a list of them. */
export const StackFrame = z
  .strictObject({
    /** As the runtime names it, without /workspace/ in front where it is a file of the run. */
    file: z.string(),
    /** From 1; 0 where the runtime does not know. */
    line: z.number().int().min(0),
    column: z.number().int().min(1).optional(),
    function: z.string().optional(),
    /** Code of the runtime or of a package, not of the run. */
    library: z.boolean(),
  })
  .meta({ id: 'StackFrame' })
export type StackFrame = z.infer<typeof StackFrame>

export const ThreadStack = z.strictObject({ thread: z.string(), frames: z.array(StackFrame) }).meta({ id: 'ThreadStack' })
export type ThreadStack = z.infer<typeof ThreadStack>

/** An error as a place in the code. Lines and columns count from 1, columns in characters. */
export const Diagnostic = z
  .strictObject({
    file: z.string(),
    line: z.number().int().min(1),
    column: z.number().int().min(1).optional(),
    severity: z.enum(['error', 'warning', 'note']),
    message: z.string(),
    /** Of an error at run time: how the program got there. */
    frames: z.array(StackFrame).optional(),
  })
  .meta({ id: 'Diagnostic' })
export type Diagnostic = z.infer<typeof Diagnostic>
