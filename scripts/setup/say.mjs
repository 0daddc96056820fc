// Tells a person what set-up is doing: nothing about what is ready already, one line per thing done, and on long
// steps how far it is. On a terminal the progress is one line that changes; elsewhere a line every ten seconds.

/**
 * @typedef {object} Step
 * @property {(text: string) => void} at where it is now: "3/9 RUN apt-get update"
 * @property {(text?: string) => void} done
 * @property {(why: string, details?: string[]) => void} failed
 *
 * @typedef {object} Say
 * @property {(text: string) => void} line
 * @property {(text: string) => void} warn
 * @property {() => void} quiet from now on only beginnings, ends and what goes wrong are said: somebody else's words are on the same screen
 * @property {(title: string) => Step} step says that something has begun; end it with `done` or `failed`
 */

/**
 * @param {{ stream?: NodeJS.WriteStream, now?: () => number }} [options]
 * @returns {Say}
 */
export function createSay({ stream = process.stderr, now = () => performance.now() } = {}) {
  /** @type {Map<object, { title: string, at: string, since: number }>} */
  const underWay = new Map()
  let timer
  let isQuiet = false

  const isTerminal = stream.isTTY === true
  const erase = isTerminal ? '\r\u001b[K' : ''
  const seconds = (since) => `${Math.round((now() - since) / 1000)} s`

  const redraw = () => {
    if (isQuiet) return
    const width = (isTerminal ? stream.columns || 80 : 160) - 1
    const each = [...underWay.values()].map(({ title, at, since }) => {
      const duration = ` (${seconds(since)})`
      return clipped(`${title}${at && `: ${at}`}`, width - duration.length) + duration
    })
    if (!isTerminal) for (const step of each) stream.write(`  ${step}\n`)
    else if (each.length > 0) stream.write(`${erase}${clipped(each.join(' · '), width)}`)
  }
  const line = (text) => {
    stream.write(`${isQuiet ? '' : erase}${text}\n`)
    if (isTerminal) redraw()
  }

  return {
    line,
    quiet() {
      if (isTerminal && !isQuiet) stream.write(erase)
      isQuiet = true
    },
    warn: (text) => line(`! ${text.replaceAll('\n', '\n  ')}`),
    step(title) {
      const key = {}
      const since = now()
      underWay.set(key, { title, at: '', since })
      // Unref'd: what is shown must not keep the process up.
      timer ??= setInterval(redraw, isTerminal ? 1_000 : 10_000).unref()
      line(`· ${title} …`)
      const end = (text) => {
        if (!underWay.delete(key)) return
        if (underWay.size === 0) {
          clearInterval(timer)
          timer = undefined
        }
        line(text)
      }
      return {
        at(text) {
          const step = underWay.get(key)
          if (!step) return
          step.at = text
          if (isTerminal) redraw()
        },
        done: (text = '') => end(`✓ ${title}${text && `: ${text}`} (${seconds(since)})`),
        failed: (why, details = []) =>
          end([`✗ ${title}: ${why} (${seconds(since)})`, ...details.map((detail) => `    ${detail}`)].join('\n')),
      }
    },
  }
}

/** @param {string} text @param {number} width */
function clipped(text, width) {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`
}
