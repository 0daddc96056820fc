import { MiB, requestLimits } from '../../protocol/limits.ts'
import type { AgentFrame, Keep, NotKept } from './frames.ts'

/** A file the program left that the request asked for. */
export type Artifact = { path: string; media_type: string; bytes: number; content: string }

type KeepFrame = Extract<AgentFrame, { type: 'file' | 'chunk' | 'not-kept' }>

/** The agent says of so many files that they were not kept, and then that there are more. */
const maxNotes = 17

/**
 * Puts together the files a sandbox sends back after its last step, and believes none of what it says about them.
 * `take` returns what is wrong with a frame that no agent of ours sends, else null.
 */
export function createKeeping(keep: Keep | null, onArtifact: (artifact: Artifact) => void) {
  const notes: string[] = []
  const seen = new Set<string>()
  let report: string | null = null
  let reports = 0
  let notKept = 0
  let files = 0
  let totalBytes = 0
  let open: { kind: 'artifact' | 'report'; path: string; bytes: number; pieces: Uint8Array[]; missing: number } | null = null

  function begin(frame: Extract<KeepFrame, { type: 'file' }>, wanted: Keep): string | null {
    if (frame.kind === 'report') {
      if (!wanted.report || reports++ > 0) return 'the sandbox sent a report nobody asked for'
      if (frame.bytes > wanted.report.bytes) return 'the sandbox sent a longer report than its agent lets through'
      open = { kind: 'report', path: '', bytes: frame.bytes, pieces: [], missing: frame.bytes }
    } else {
      files++
      totalBytes += frame.bytes
      if (files > wanted.files || frame.bytes > wanted.fileBytes || totalBytes > wanted.totalBytes)
        return 'the sandbox sent more files than its agent lets through'
      const path = pathOf(frame.path)
      if (path === null) notes.push(`${forPeople(frame.path)} was not kept: its name is not plain text.`)
      else if (seen.has(path)) return 'the sandbox sent a file twice'
      else seen.add(path)
      open = { kind: 'artifact', path: path ?? '', bytes: frame.bytes, pieces: [], missing: frame.bytes }
    }
    if (frame.bytes === 0) complete()
    return null
  }

  function complete(): void {
    if (!open) return
    const content = Buffer.concat(open.pieces)
    if (open.kind === 'report') report = content.toString('utf8')
    else if (open.path)
      onArtifact({ path: open.path, media_type: mediaTypeOf(open.path), bytes: open.bytes, content: content.toString('base64') })
    open = null
  }

  return {
    take(frame: KeepFrame): string | null {
      if (!keep) return 'the sandbox sent files nobody asked for'
      if (frame.type === 'chunk') {
        if (!open || frame.bytes.length > open.missing) return 'the sandbox sent a piece of no file'
        // A copy: the frame lies in a larger chunk that may go.
        open.pieces.push(Uint8Array.from(frame.bytes))
        open.missing -= frame.bytes.length
        if (open.missing === 0) complete()
        return null
      }
      if (open) return 'the sandbox sent a file before the last one was whole'
      if (frame.type === 'file') return begin(frame, keep)
      if (notKept++ >= maxNotes) return 'the sandbox named more files than its agent does'
      notes.push(noteOf(frame.reason, forPeople(frame.path), keep))
      return null
    },
    /** True while a file is not whole yet. */
    get incomplete() {
      return open !== null
    },
    /** A sentence for each file that was not kept. */
    notes,
    /** The text of the test framework's report, if it came. */
    get report(): string | null {
      return report
    },
  }
}

function noteOf(reason: NotKept, path: string, keep: Keep): string {
  switch (reason) {
    case 'too-large':
      return `${path} was not kept: it is larger than ${keep.fileBytes / MiB} MiB.`
    case 'too-many':
      return `${path} was not kept: a run keeps at most ${keep.files} files.`
    case 'too-much':
      return `${path} was not kept: the files of a run may have ${keep.totalBytes / MiB} MiB together.`
    case 'unreadable':
      return `${path} was not kept: it cannot be read.`
    case 'path-too-long':
      return `${path} was not kept: its path is longer than ${requestLimits.pathChars} bytes.`
    case 'and-more':
      return 'More files than these were not kept.'
    default:
      return reason satisfies never
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// In a page, a header or a log a name with them would be taken for something else.
const control = /[\u0000-\u001f\u007f-\u009f]/

/** The path as text, or null where it is none that may be passed on: relative, of plain segments, UTF-8, without control characters. */
function pathOf(bytes: Uint8Array): string | null {
  if (bytes.length > requestLimits.pathChars) return null
  try {
    const path = utf8.decode(bytes)
    if (control.test(path)) return null
    return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..') ? path : null
  } catch {
    // Not UTF-8: a name of the program's own choosing, which nobody could ask for by an address.
    return null
  }
}

function forPeople(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, requestLimits.pathChars)).toString('utf8')
  return Array.from(text, (character) => (control.test(character) ? '\u{FFFD}' : character)).join('')
}

/** By the ending alone: what is in the file is the program's word. Whoever serves it decides what a browser may do with it. */
const mediaTypes: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
  html: 'text/html',
  css: 'text/css',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  log: 'text/plain',
  md: 'text/markdown',
  json: 'application/json',
  xml: 'application/xml',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  webm: 'video/webm',
  zip: 'application/zip',
  wasm: 'application/wasm',
}

export function mediaTypeOf(path: string): string {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(mediaTypes, ending) ? (mediaTypes[ending] as string) : 'application/octet-stream'
}
