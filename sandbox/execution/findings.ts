import type { Diagnostic, ThreadStack } from '../../protocol/diagnostic.ts'
import type { LanguageManifest } from '../../protocol/language.ts'
import type { Stage, Stream, UnnumberedEvent } from '../../protocol/run.ts'
import type { TestReport } from '../../protocol/test-report.ts'
import { diagnosticsOf, stacksOf } from '../diagnostics/index.ts'
import type { Job } from '../executor.ts'
import { testReportOf } from '../test-reports/index.ts'
import { notesOf } from './notes.ts'
import { maxStacksBytes } from './stacks.ts'

type OutputEvent = Extract<UnnumberedEvent, { type: 'output' }>

/** How much of the end of stderr is looked at for a program's last words: a runtime's own "out of memory", a refusal. */
const tailBytes = 8_192

/** Keeps what a run writes as far as something can be read out of it: errors, stacks, test results, the want of memory. */
export function createFindings(manifest: LanguageManifest, job: Job) {
  const written: Record<Stage, Record<Stream, string>> = {
    compile: { stdout: '', stderr: '' },
    run: { stdout: '', stderr: '' },
  }
  const files = job.files.map(({ path }) => path)
  let tail = ''
  let answer: Uint8Array[] = []
  let answerBytes = 0

  function sourceOf(path: string): string | undefined {
    const file = job.files.find((one) => one.path === path)
    return file && Buffer.from(file.content).toString('utf8')
  }

  return {
    stageBegan(): void {
      tail = ''
    },
    /** Of the stage under way, as it comes. */
    heard(stream: Stream, bytes: Uint8Array): void {
      if (stream === 'stdout' && !job.tty) return
      tail = (tail + Buffer.from(bytes.subarray(-tailBytes)).toString('latin1')).slice(-tailBytes)
    },
    shown(event: OutputEvent): void {
      written[event.stage][event.stream] += event.text
    },
    /** A piece of what the program said when it was asked for its stacks. False when that is more than an agent sends. */
    answered(bytes: Uint8Array): boolean {
      answerBytes += bytes.length
      if (answerBytes > maxStacksBytes) return false
      // A copy: the frame lies in a larger chunk that may go.
      answer.push(Uint8Array.from(bytes))
      return true
    },
    /** The answer was none. Returns the bytes, which are output after all. */
    takeAnswerBack(): Buffer {
      const bytes = Buffer.concat(answer)
      answer = []
      return bytes
    },
    stacks(): ThreadStack[] {
      if (answer.length === 0) return []
      return stacksOf({ readers: manifest.diagnostics, text: Buffer.concat(answer).toString('utf8'), files, sourceOf })
    },
    diagnostics(): Diagnostic[] {
      // What a formatter writes is somebody's code, in which nothing failed.
      if (job.mode === 'format') return []
      const { compile, run } = written
      return diagnosticsOf({
        readers: manifest.diagnostics,
        stdout: run.stdout,
        // A terminal has one stream.
        stderr: job.tty ? run.stdout : run.stderr,
        compileOutput: compile.stdout + compile.stderr,
        files,
        sourceOf,
        entry: job.entry,
      })
    },
    /** Null without test mode, and where the framework left no report that can be read. */
    testsIn(report: string | null): TestReport | null {
      if (!manifest.test || report === null) return null
      const { framework } = manifest.test
      return testReportOf({ format: manifest.test.report.format, framework, text: report, only: job.only })
    },
    /** What people should know beside the verdict of a program that failed. */
    notes: (mayTalkToItself: boolean): string[] => notesOf({ stderrTail: tail, mayTalkToItself }),
    saidOutOfMemory: (): boolean => manifest.memory_messages.some((message) => tail.includes(message)),
  }
}
