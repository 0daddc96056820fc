import { problemOfPath } from '../../protocol/file-paths.ts'
import type { Language } from '../../protocol/language.ts'
import type { RunFile } from '../../protocol/run.ts'

/** What a pasted text seems to be, when it is not simply code. */
export type Pasted =
  /** Text with fenced code in it: an issue, a README, an answer. */
  | { kind: 'markdown'; language: string | null; files: RunFile[]; stdin: string }
  /** What a program printed when it failed. There is nothing in it to run. */
  | { kind: 'stack-trace'; language: string; place: string | null }
  /** Where code is, not code. Nothing is fetched: a page of ours asks nobody but its own server. */
  | { kind: 'address'; host: string }
  /** Code in another language than the one that is open. */
  | { kind: 'code'; language: string; files: RunFile[] }

type Known = Pick<Language, 'id' | 'entry' | 'extensions'>

/** Null for what is to be pasted as it is. `open` is the language that is open. */
export function detectPaste(text: string, languages: readonly Known[], open: string): Pasted | null {
  const address = addressOfCode(text)
  if (address) return { kind: 'address', host: address }
  // Nobody who pastes a word or a line wants to be asked about it.
  if (text.length > 500_000 || !text.trim().includes('\n')) return null
  const markdown = fromMarkdown(text, languages)
  if (markdown) return markdown
  const trace = stackTraces.find(({ id, is }) => is.test(text) && languages.some((language) => language.id === id))
  if (trace) return { kind: 'stack-trace', language: trace.id, place: trace.place.exec(text)?.slice(1, 3).join(':') ?? null }
  const { code, path } = fromBlobPage(text)
  const id = languageOfCode(code)
  const language = languageOfPath(path, languages) ?? languages.find((one) => one.id === id)
  if (!language || (language.id === open && code === text)) return null
  return { kind: 'code', language: language.id, files: [{ path: path ?? language.entry, content: code }] }
}

/** The host, when the whole text is an address under which such places show code. */
function addressOfCode(text: string): string | null {
  const places =
    /^https:\/\/(?:www\.)?(github\.com(?=\/[^/\s]+\/[^/\s]+\/(?:blob|raw|gist)\/)|gist\.github\.com|(?:gist|raw)\.githubusercontent\.com|gitlab\.com(?=\/\S+\/-\/(?:blob|raw)\/)|pastebin\.com|bitbucket\.org(?=\/\S+\/src\/))\/\S+$/
  return places.exec(text.trim())?.[1] ?? null
}

/** Names people give languages in fences, beside the ids and the endings. */
const otherNames: Record<string, string> = {
  py: 'python',
  python3: 'python',
  pycon: 'python',
  js: 'javascript',
  node: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  ts: 'typescript',
  tsx: 'typescript',
  rb: 'ruby',
  golang: 'go',
  rs: 'rust',
  'c++': 'cpp',
  cc: 'cpp',
  cxx: 'cpp',
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  sql: 'sqlite',
  sqlite3: 'sqlite',
}

type Fence = { info: string; before: string; content: string }

function fencesOf(text: string): Fence[] {
  const fences: Fence[] = []
  let open: { mark: string; indent: number; info: string; before: string; lines: string[] } | null = null
  let before = ''
  for (const line of text.split(/\r?\n/)) {
    const mark = /^(\s{0,3})(`{3,}|~{3,})\s*([^`]*)$/.exec(line)
    if (open) {
      if (mark?.[2]?.startsWith(open.mark) && mark[3]?.trim() === '') {
        fences.push({
          info: open.info,
          before: open.before,
          content: open.lines.join('\n') + (open.lines.length > 0 ? '\n' : ''),
        })
        open = null
        before = ''
      } else open.lines.push(line.replace(new RegExp(`^ {0,${open.indent}}`), ''))
    } else if (mark)
      open = { mark: mark[2] ?? '```', indent: mark[1]?.length ?? 0, info: mark[3]?.trim() ?? '', before, lines: [] }
    else if (line.trim() !== '') before = line.trim()
  }
  return fences
}

const input = /\b(stdin|standard input|input)\b/i
const notCode = /^(text|txt|console|output|log|plain|plaintext|diff|mermaid|traceback|pytb)$/i

function fromMarkdown(text: string, languages: readonly Known[]): Pasted | null {
  const fences = fencesOf(text)
  if (fences.length === 0) return null
  const read = fences.map((fence) => {
    const [name = '', ...more] = fence.info.split(/[\s,{]+/)
    const language = languageNamed(name.replace(/^\./, ''), languages)
    const path = [more.join(' '), fence.before, name].map(pathIn).find((path) => path !== null) ?? pathInFirstLine(fence.content)
    return { ...fence, name, language, path }
  })
  const stdin = read.find((one) => !one.language && input.test(`${one.before} ${one.info}`))?.content ?? ''
  const code = read.filter((one) => one.language || (one.path && !notCode.test(one.name)))
  // A fence that says nothing of itself is code if nothing else in the text is.
  const chosen =
    code.length > 0
      ? code
      : read.filter((one) => one.name === '' && one.content !== stdin && languageOfCode(one.content) !== null)
  if (chosen.length === 0) return null
  const ids = chosen.map(
    (one) =>
      one.language ?? languageOfPath(one.path, languages) ?? languages.find(({ id }) => id === languageOfCode(one.content)),
  )
  const language = ids.find((one) => one !== undefined && one !== null) ?? null
  const files: RunFile[] = []
  for (const [at, { path, content }] of chosen.entries()) {
    // Another language without a name of its own is something else: how it was started, or what it would be elsewhere.
    if (!path && ids[at] && language && ids[at].id !== language.id) continue
    const wanted = path ?? language?.entry ?? 'main.txt'
    const same = files.find((file) => file.path === wanted)
    // Parts of one program that stand apart in the text.
    if (same) same.content += `\n${content}`
    else files.push({ path: wanted, content })
  }
  return { kind: 'markdown', language: language?.id ?? null, files, stdin }
}

function languageNamed(name: string, languages: readonly Known[]): Known | undefined {
  const wanted = otherNames[name.toLowerCase()] ?? name.toLowerCase()
  return wanted === '' ? undefined : languages.find(({ id, extensions }) => id === wanted || extensions.includes(`.${wanted}`))
}

function languageOfPath(path: string | null, languages: readonly Known[]): Known | undefined {
  const ending = /\.[a-z0-9]+$/i.exec(path ?? '')?.[0].toLowerCase()
  return languages.find(({ extensions }) => ending !== undefined && extensions.includes(ending))
}

/** A file's name in a line about it: "`lib/a.py`:", "### main.go", "title=src/app.ts". */
function pathIn(line: string): string | null {
  const found =
    /(?:^|[\s`"'*_(=:#])([\w][\w./+-]*\.[a-z][a-z0-9]{0,9})(?=$|[\s`"'*_):,])/i.exec(line)?.[1]?.replace(/^\.?\//, '') ?? null
  // A sentence that ends in a name of something ("see example.com") is not about a file.
  return found && line.length < 120 && problemOfPath(found) === null ? found : null
}

const pathInFirstLine = (content: string): string | null => {
  const first = /^(?:#|\/\/|--|;)\s*(\S+\.[a-z][a-z0-9]{0,9})\s*$/i.exec(content.split('\n', 1)[0] ?? '')?.[1]
  return first ? pathIn(first) : null
}

const stackTraces = [
  { id: 'python', is: /^Traceback \(most recent call last\):$/m, place: /File "(?:.*\/)?([^"/]+)", line (\d+)(?![\s\S]*File ")/ },
  {
    id: 'java',
    is: /^(?:Exception in thread "|Caused by: |[\w.]+(?:Exception|Error)\b).*\n\s+at [\w.$<>/]+\(/m,
    place: /\(([\w]+\.java):(\d+)\)/,
  },
  { id: 'go', is: /^(?:panic: |fatal error: )[\s\S]*^goroutine \d+ \[/m, place: /^\t(?:.*\/)?([^/\n]+\.go):(\d+)/m },
  { id: 'rust', is: /^thread '.*' (?:\(\d+\) )?panicked at /m, place: /panicked at (?:'.*', )?(?:.*\/)?([^/\n]+\.rs):(\d+)/ },
  { id: 'ruby', is: /^\S+\.rb:\d+:in [`'].+\(\w+(?:Error|Exception)?\)/m, place: /^(?:.*\/)?(\S+\.rb):(\d+):in/m },
  { id: 'php', is: /^(?:PHP )?(?:Fatal error|Warning):\s+Uncaught .* in .*\.php/m, place: /([^/\s]+\.php):(\d+)/ },
  {
    id: 'javascript',
    is: /^(?:Uncaught )?\w*Error\b.*\n(?:.*\n)?\s+at .*:\d+:\d+\)?$/m,
    place: /at (?:.*[/(])?([^/(\s]+\.[cm]?[jt]s):(\d+):\d+/,
  },
]

/**
 * The code of a page that shows a file, and the file's name where the page says it. What stands above the code goes, and so do the
 * numbers of the lines, whether each is on a line of its own or at the start of one.
 */
function fromBlobPage(text: string): { code: string; path: string | null } {
  const all = text.replace(/\r\n/g, '\n').split('\n')
  // "12 lines (9 loc) · 213 Bytes" stands between the head of the page and the code.
  const counted = all.findIndex((line) => /^\s*\d+ lines? \(\d+ s?loc\)/.test(line))
  if (counted === -1 || counted > 60) return { code: withoutNumbers(text), path: null }
  const path = all.slice(0, counted).findLast((line) => /^[\w.-]+\.[a-z][a-z0-9]{0,9}$/i.test(line.trim()))
  const body = all.slice(counted + 1)
  const start = body.findIndex(
    (line) =>
      line.trim() !== '' &&
      !/^(?:Raw|Blame|Edit|Copy|Download|Code|File metadata.*|Open .*|\d+(?:\.\d+)? (?:Bytes|KB))$/i.test(line.trim()),
  )
  const code = body.slice(Math.max(start, 0)).join('\n')
  return { code: withoutNumbers(code), path: path?.trim() ?? null }
}

function withoutNumbers(text: string): string {
  const lines = text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n')
  const numbered = lines.map((line) => /^\s*(\d+)(?:[\t|:]| {2,}|$)(.*)$/.exec(line))
  if (lines.length >= 3 && numbered.every((match, at) => match && Number(match[1]) === at + Number(numbered[0]?.[1]))) {
    return `${numbered.map((match) => match?.[2] ?? '').join('\n')}\n`
  }
  // First all the numbers, then all the lines.
  const count = lines.findIndex((line, at) => line.trim() !== String(at + 1))
  if (count >= 3 && lines.length - count >= count) return `${lines.slice(count).join('\n')}\n`
  return text
}

/** Signs that hardly another language has; the first that fits decides. */
const signs: [id: string, sign: RegExp][] = [
  ['php', /^\s*<\?php\b/],
  ['python', /^#!.*\bpython/],
  ['ruby', /^#!.*\bruby/],
  ['javascript', /^#!.*\bnode/],
  ['lua', /^#!.*\blua/],
  ['bash', /^#!.*\b(?:ba|z|da|k)?sh\b/],
  ['go', /^package \w+\s*$/m],
  ['rust', /^\s*(?:pub )?fn \w+.*\{|^\s*use (?:std|crate)::|\blet mut \w+|println!\(/m],
  ['java', /^\s*(?:public |final |abstract )*class \w+[\s\S]*\b(?:public )?static void main\(|^import java\./m],
  ['cpp', /^#include <(?:iostream|vector|string|map|algorithm|memory|c\w+)>|\bstd::\w+|^using namespace std;/m],
  ['c', /^#include [<"]\w+\.h[>"]/m],
  [
    'typescript',
    /^\s*(?:interface \w+ \{|type \w+(?:<.*>)? =|enum \w+ \{)|(?:const|let|function \w+\([^)]*)\b.*: (?:string|number|boolean|unknown|void)\b/m,
  ],
  ['python', /^(?:def \w+\(.*\).*:|class \w+.*:|from [\w.]+ import |import \w+(?: as \w+)?|if __name__ == )/m],
  ['ruby', /^\s*(?:require(?:_relative)? ['"]|def \w+[?!]?(?:\(.*\))?$[\s\S]*^\s*end\b|puts )/m],
  ['lua', /^\s*(?:local function \w+|local \w+ = |function [\w.:]+\(.*\)$)[\s\S]*(?:\bend\b|\bthen\b|=)/m],
  [
    'javascript',
    /^\s*(?:const|let|var) \w+ = |\bconsole\.log\(|^import .* from ['"]|\brequire\(['"]|=> \{|^(?:async )?function \w+\(/m,
  ],
  ['sqlite', /^\s*(?:CREATE (?:TABLE|VIEW|INDEX)|INSERT INTO|SELECT .*\bFROM\b|WITH \w+ AS)\b/im],
]

function languageOfCode(code: string): string | null {
  return signs.find(([, sign]) => sign.test(code))?.[0] ?? null
}
