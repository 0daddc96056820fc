/** The end of what a program wrote to stderr is where its last words are. */
export type LastWords = { stderrTail: string; mayTalkToItself: boolean }

/** A refused system call, in the words of the C library and of the runtimes that have their own. */
const refusals = ['operation not permitted', 'EPERM']
/** Words that stand in the same lines when it was a socket that was refused. */
const socketWords = ['socket', 'listen', 'bind', 'address family']

/**
 * What people should know beside the verdict, a sentence each. A hint read off the program's own words, never a fact about the
 * sandbox: a program may write what it likes.
 */
export function notesOf({ stderrTail, mayTalkToItself }: LastWords): string[] {
  if (mayTalkToItself || !mentions(stderrTail, refusals) || !mentions(stderrTail, socketWords)) return []
  return [
    'This sandbox refuses network sockets, also to itself: on this machine their memory could not be charged to the run. Unix sockets work.',
  ]
}

function mentions(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return words.some((word) => lower.includes(word.toLowerCase()))
}
