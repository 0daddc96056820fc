/** Whose code a file is, by its name as a tool printed it. */
export type Whereabouts = { file: string; own: boolean }

const workspace = '/workspace/'
/** Parts of a path that say "package", wherever the folder is. */
const packageFolders = ['node_modules/', 'site-packages/', 'dist-packages/']

/**
 * Tells the run's files from everything else, and names them as the run does: "/workspace/lib/a.py", "./lib/a.py" and
 * "file:///workspace/lib/a.py" are "lib/a.py". A file the program made under /workspace is its own as well.
 */
export function whereaboutsIn(files: readonly string[]): (printed: string) => Whereabouts {
  const known = new Set(files)
  return (printed) => {
    let file = printed
    if (file.startsWith('file://')) file = decoded(file.slice('file://'.length))
    const inWorkspace = file.startsWith(workspace)
    if (inWorkspace) file = file.slice(workspace.length)
    while (file.startsWith('./')) file = file.slice(2)
    // Lua cuts long names at their front.
    if (file.startsWith('...') && file.length > 3) {
      const end = file.slice(3)
      const whole = files.find((path) => path.endsWith(end))
      if (whole) file = whole
    }
    const packaged = packageFolders.some((folder) => file.startsWith(folder) || file.includes(`/${folder}`))
    return { file, own: !packaged && file !== '' && (inWorkspace || known.has(file)) }
  }
}

function decoded(url: string): string {
  try {
    return decodeURI(url)
  } catch {
    // Not a URL after all: the program may print what it likes.
    return url
  }
}
