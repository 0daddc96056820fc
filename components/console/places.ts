/** Where in a line of output a place in the code is named, in UTF-16 units. */
export type NamedPlace = { start: number; end: number; path: string; line: number; column?: number }

/**
 * The places of this run's own files in a line of output: "main.py:3", "./lib/a.js:3:5", `File "/workspace/main.py", line 3`,
 * "Main.java:3". Only files that are there: a clock time or an address is none.
 */
export function placesIn(text: string, paths: readonly string[]): NamedPlace[] {
  if (text.length > 2000) return []
  const places: NamedPlace[] = []
  for (const path of paths) {
    for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + path.length)) {
      const before = text[at - 1]
      if (before && /[\w.-]/.test(before)) continue
      // A file of the same name elsewhere is another file.
      const folder = /[^\s"'(<]*$/.exec(text.slice(0, at))?.[0] ?? ''
      if (folder !== '' && !/^(?:file:\/\/)?(?:\/workspace\/|\.\/)$/.test(folder)) continue
      const after = /^(?::(\d+)(?::(\d+))?|", line (\d+)|\((\d+),(\d+)\)| on line (\d+))(?![\w])/.exec(
        text.slice(at + path.length),
      )
      if (!after) continue
      const line = Number(after[1] ?? after[3] ?? after[4] ?? after[6])
      const column = Number(after[2] ?? after[5])
      if (line === 0) continue
      const end = at + path.length + after[0].length
      if (places.some((other) => other.start < end && at < other.end)) continue
      places.push({ start: at, end, path, line, ...(column > 0 ? { column } : {}) })
    }
  }
  return places.sort((a, b) => a.start - b.start)
}
