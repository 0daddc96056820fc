import type { Language } from '../../protocol/language.ts'
import type { Mode } from '../../protocol/run.ts'
import type { TestName } from '../../protocol/test-report.ts'
import type { Action } from '../actions/action.ts'
import { useActions } from '../actions/actions.tsx'
import type { Draft } from '../drafts/drafts.ts'
import type { Format } from './use-format.ts'

type Bench = {
  languages: readonly Language[]
  language: Language | null
  draft: Draft | null
  framework: string | null
  mode: Mode
  layout: 'beside' | 'stacked'
  underWay: boolean
  runId: string | null
  /** Tests of the last run that can be run again. */
  failedTests: readonly TestName[]
  runTests(only: readonly TestName[]): void
  run(): void
  stop(): void
  choose(language: string): void
  openFile(path: string): void
  edit(change: (draft: Draft) => Draft): void
  toExample(): void
  format: Format
  /** Says that the file is kept without being formatted. */
  onSaved(): void
  setLayout(layout: 'beside' | 'stacked'): void
  /** How many files have something marked. */
  marks: number
  stepMark(step: 1 | -1): void
  tree: 'closed' | 'open'
  setTree(tree: 'closed' | 'open'): void
  download(): void
  showVersions(): void
  toggleOptions(): void
  focusOutput(): void
}

/** All that can be done on the editor page, for its keys and its palette. */
export function useWorkbenchActions(bench: Bench): void {
  useActions(actionsOf(bench))
}

export function actionsOf(bench: Bench): Action[] {
  const { languages, language, draft, framework, mode, layout, underWay, runId } = bench
  const idle = underWay ? 'A program is running.' : null
  return [
    {
      id: 'run',
      title: mode === 'test' ? 'Run the tests' : 'Run the program',
      group: 'Run',
      keys: 'Mod+Enter',
      words: 'start execute go',
      unavailable: idle,
      run: bench.run,
    },
    {
      id: 'stop',
      title: 'Stop the program',
      group: 'Run',
      keys: 'Mod+.',
      words: 'cancel kill',
      unavailable: underWay ? null : 'Nothing is running.',
      run: bench.stop,
    },
    ...(framework
      ? [
          {
            id: 'mode',
            title: mode === 'test' ? 'Run the program instead of tests' : `Run tests with ${framework}`,
            group: 'Run' as const,
            run: () => bench.edit((before) => ({ ...before, mode: mode === 'test' ? 'run' : 'test' })),
          },
        ]
      : []),
    ...(bench.failedTests.length > 0
      ? [
          {
            id: 'rerun failed',
            title: 'Run the failed tests again',
            group: 'Run' as const,
            keys: 'Mod+Shift+Enter',
            words: 'rerun',
            unavailable: idle,
            run: () => bench.runTests(bench.failedTests),
          },
        ]
      : []),
    {
      id: 'terminal',
      title: draft?.tty ? 'Run without a terminal' : 'Run in a terminal',
      group: 'Run',
      words: 'tty colours curses',
      run: () => bench.edit((before) => ({ ...before, tty: before.tty ? undefined : true })),
    },
    {
      id: 'options',
      title: 'Input, arguments, environment, limits',
      group: 'Run',
      keys: 'Mod+i',
      words: 'stdin args env flags timeout memory options',
      run: bench.toggleOptions,
    },
    {
      id: 'next error',
      title: 'Go to the next error',
      group: 'Code',
      keys: 'F8',
      words: 'problem',
      unavailable: bench.marks > 0 ? null : 'The last run marked nothing.',
      run: () => bench.stepMark(1),
    },
    {
      id: 'previous error',
      title: 'Go to the previous error',
      group: 'Code',
      keys: 'Shift+F8',
      words: 'problem',
      unavailable: bench.marks > 0 ? null : 'The last run marked nothing.',
      run: () => bench.stepMark(-1),
    },
    {
      id: 'format',
      title: bench.format.by ? `Format the file with ${bench.format.by}` : 'Format the file',
      group: 'Code',
      keys: 'Mod+s',
      words: 'prettier indent tidy beautify save',
      unavailable: bench.format.unavailable,
      run: bench.format.start,
      answer: bench.onSaved,
    },
    {
      id: 'versions',
      title: 'Earlier versions of this draft',
      group: 'Code',
      keys: 'Mod+Shift+h',
      words: 'history undo restore diff lost',
      run: bench.showVersions,
    },
    {
      id: 'example',
      title: `Back to the example: ${language?.example.title ?? ''}`,
      group: 'Code',
      words: 'reset',
      run: bench.toExample,
    },
    {
      id: 'files',
      title: bench.tree === 'open' ? 'Hide the files' : 'Show all files',
      group: 'Files',
      keys: 'Mod+b',
      words: 'tree sidebar new rename delete',
      run: () => bench.setTree(bench.tree === 'open' ? 'closed' : 'open'),
    },
    { id: 'download', title: 'Download all files as a zip', group: 'Files', words: 'save export', run: bench.download },
    ...(draft?.files ?? []).map(
      ({ path }): Action => ({ id: `file ${path}`, title: `Open ${path}`, group: 'Files', run: () => bench.openFile(path) }),
    ),
    { id: 'output', title: 'Go to the output', group: 'Output', keys: 'F6', words: 'console focus', run: bench.focusOutput },
    {
      id: 'run page',
      title: 'Open the page of this run',
      group: 'Share',
      words: 'share link url',
      unavailable: runId ? null : 'Nothing has run yet.',
      run: () => window.open(`/r/${runId}`),
    },
    { id: 'runs', title: 'All my runs', group: 'Go to', words: 'history', run: () => window.location.assign('/runs') },
    ...languages.map(
      (one): Action => ({
        id: `language ${one.id}`,
        title: one.name,
        group: 'Language',
        words: one.extensions.join(' '),
        unavailable: one.id === language?.id ? 'chosen' : null,
        run: () => bench.choose(one.id),
      }),
    ),
    {
      id: 'layout',
      title: layout === 'beside' ? 'Output below the code' : 'Output beside the code',
      group: 'View',
      words: 'layout split stacked',
      run: () => bench.setLayout(layout === 'beside' ? 'stacked' : 'beside'),
    },
  ]
}
