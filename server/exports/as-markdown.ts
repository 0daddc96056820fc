import type { Run, RunEvent } from '../../protocol/run.ts'
import { seconds } from '../../protocol/words.ts'
import { outputText } from './as-text.ts'

/** In characters. An issue is read by people; whoever wants more follows the link. */
const shownOutput = 4_000

/** A run as part of an issue: the code, what it was given, what it wrote and how it ended, with the link. */
export function asMarkdown(run: Run, events: readonly RunEvent[], editorLanguage: string): string {
  const output = outputText(events)
  const cut = output.length > shownOutput
  const parts = [
    `**${plain(run.message)}** in ${plain(run.language)} ${run.version}${run.duration_ms === null ? '' : `, after ${seconds(run.duration_ms)}`} ([replay](${run.url}))`,
    ...run.files.map((file) =>
      file.encoding === 'base64'
        ? `\`${file.path.replaceAll('`', '')}\` (not text)`
        : `\`${file.path.replaceAll('`', '')}\`\n\n${fenced(file.content, file.path === run.entry ? editorLanguage : '')}`,
    ),
    ...(run.args.length > 0 ? [`Arguments: ${run.args.map((arg) => code(JSON.stringify(arg))).join(' ')}`] : []),
    ...(run.stdin === '' ? [] : [`Input:\n\n${fenced(run.stdin, 'text')}`]),
    output === '' ? 'It wrote nothing.' : `Output${cut ? ', its end' : ''}:\n\n${fenced(output.slice(-shownOutput), 'text')}`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** With a fence that is longer than any in the text, so that nothing in it can end it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`
}

function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return longest === 0 ? `${ticks}${text}${ticks}` : `${ticks} ${text} ${ticks}`
}

/** Words that may hold something of the program's own. */
const plain = (text: string) => text.replace(/[\\`*_{}[\]<>()#+!|]/g, '\\$&').replace(/\s+/g, ' ')
