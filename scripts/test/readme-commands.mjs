// What README.md tells people to type, so that a test can type it.

/**
 * @param {string} readme
 * @param {string} title of a section
 * @returns {string[][]} the lines of each block of commands in it, without what is a comment
 */
export function commandsIn(readme, title) {
  const section = readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`))
  if (!section) throw new Error(`README.md has no section "${title}".`)
  return [...section.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
      .filter(Boolean),
  )
}
